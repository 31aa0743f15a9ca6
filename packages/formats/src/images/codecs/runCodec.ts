// Runs a decoder of jSquash: WebAssembly, in a wrapper that Emscripten wrote. The wrapper would fetch the WebAssembly
// from an address, which fails in Node and behind some bundlers; here it is handed over, compiled.

import { unzlibSync } from "fflate";
import { FileError } from "../../errors.ts";

/** Four bytes a pixel: red, green, blue, alpha. */
interface RgbaImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

interface CodecModule {
  readonly noInitialRun: true;
  instantiateWasm(imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void): WebAssembly.Exports;
  print(line: string): void;
  printErr(line: string): void;
  /** Put there by the wrapper. Gives null, or throws, for bytes that it cannot decode. */
  decode?(bytes: Uint8Array, ...options: readonly boolean[]): RgbaImage | null;
}

export type CodecFactory = (module: CodecModule) => Promise<unknown>;

export interface Codec {
  /** What it decodes, in messages: `JPEG`. */
  readonly kind: string;
  readonly factory: CodecFactory;
  /** The WebAssembly, as a text of this folder: zlib, then base64. */
  readonly wasm: string;
  /** What its `decode` takes behind the bytes. */
  readonly options: readonly boolean[];
  /** Whether the image is sound although the decoder, whose memory this is, printed this line. */
  isHarmless(line: string, memory: WebAssembly.Memory): boolean;
}

const compiled = new Map<Codec, Promise<WebAssembly.Module>>();

/**
 * Decodes one file in an instance of its own: what a broken file did to it, and the memory that a large one took, are
 * gone afterwards. Gives red, green, blue and alpha of each pixel.
 *
 * @param size what the file says; an image of another size is an error
 * @throws FileError when the decoder gives up, or complains
 */
export async function runCodec(
  codec: Codec,
  bytes: Uint8Array,
  size: { readonly width: number; readonly height: number },
  name: string,
): Promise<Uint8ClampedArray> {
  let module = compiled.get(codec);
  if (module === undefined) {
    module = compile(codec.wasm);
    compiled.set(codec, module);
  }
  const { image, complaint } = decode(codec, await module, bytes);
  if (image === undefined || image.width !== size.width || image.height !== size.height) {
    const found = image && `it holds ${image.width} x ${image.height} pixels, and says ${size.width} x ${size.height}`;
    const reason = complaint ?? found ?? "the decoder gave no reason";
    const advice = "if another program shows it, save it from there as PNG";
    throw new FileError(
      "damaged",
      name,
      `the image data of the ${codec.kind} cannot be decoded (${reason}); ${advice}`,
    );
  }
  return image.data;
}

function compile(text: string): Promise<WebAssembly.Module> {
  const packed = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  return WebAssembly.compile(unzlibSync(packed));
}

interface Decoded {
  /** Undefined where the decoder gave up. */
  readonly image?: RgbaImage | undefined;
  readonly complaint?: string | undefined;
}

function decode(codec: Codec, compiledModule: WebAssembly.Module, bytes: Uint8Array): Decoded {
  // Decoders fill what they cannot read with something, and go on: what they print tells. They are stopped at once.
  let complaint: string | undefined;
  let memory: WebAssembly.Memory | undefined;
  const listen = (line: string): void => {
    if (memory !== undefined && codec.isHarmless(line, memory)) return;
    complaint ??= line;
    throw new Error(line);
  };
  const module: CodecModule = {
    noInitialRun: true,
    instantiateWasm(imports, done) {
      const instance = new WebAssembly.Instance(compiledModule, imports);
      memory = Object.values(instance.exports).find((value) => value instanceof WebAssembly.Memory);
      done(instance);
      return instance.exports;
    },
    print: listen,
    printErr: listen,
  };
  // The decoders answer with `new ImageData(...)`, which Node lacks and which a canvas does not come into. It is lent to
  // them for the length of this call: other code takes its presence for a browser.
  const before = Object.getOwnPropertyDescriptor(globalThis, "ImageData");
  Object.defineProperty(globalThis, "ImageData", { value: PlainImage, configurable: true, writable: true });
  try {
    // Synchronous, because `instantiateWasm` is. The promise would tell the same failure once more.
    codec.factory(module).catch(() => {});
    const image = module.decode?.(bytes, ...codec.options) ?? undefined;
    return complaint === undefined ? { image } : { complaint };
  } catch (error) {
    // Emscripten throws things that are no errors when a program exits; the reason was printed before.
    return { complaint: complaint ?? (error instanceof Error ? error.message : undefined) };
  } finally {
    if (before === undefined) Reflect.deleteProperty(globalThis, "ImageData");
    else Object.defineProperty(globalThis, "ImageData", before);
  }
}

class PlainImage implements RgbaImage {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;

  constructor(data: Uint8ClampedArray, width: number, height: number) {
    this.data = data;
    this.width = width;
    this.height = height;
  }
}
