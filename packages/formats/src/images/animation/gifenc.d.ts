// What is used of gifenc, which comes without types.

declare module "gifenc/dist/gifenc.esm.js" {
  export interface FrameOptions {
    /** Up to 256 colours; the first frame's holds for all that have none. */
    readonly palette?: readonly (readonly [red: number, green: number, blue: number])[];
    /** In milliseconds; rounded to hundredths of a second. */
    readonly delay?: number;
    /** Of the first frame: 0 plays for ever, -1 once. */
    readonly repeat?: number;
  }

  export interface Encoder {
    writeFrame(index: Uint8Array, width: number, height: number, options: FrameOptions): void;
    finish(): void;
    bytes(): Uint8Array<ArrayBuffer>;
  }

  export function GIFEncoder(): Encoder;
}
