/**
 * Figure: what the promise of every plotting function gives. It is an SVG text with its size; a page can show it, a program
 * can save it.
 */

import type { Global } from "@plenoptic-js/formats";
import { writeFileAtomic } from "@plenoptic-js/formats";
import { shown } from "@plenoptic-js/tensor/engine";

const INSPECT: unique symbol = Symbol.for("nodejs.util.inspect.custom");

/** A finished drawing: what `await po.plot.imshow(image)` gives, and its kin. Without the `await` there is no `save`. */
export class Figure {
  /** The whole drawing, a standalone SVG document that can also stand inside HTML. */
  readonly svg: string;
  /** Width in pixels, a whole number. */
  readonly width: number;
  /** Height in pixels, a whole number. */
  readonly height: number;

  constructor(svg: string, width: number, height: number) {
    this.svg = svg;
    this.width = width;
    this.height = height;
  }

  /** A new element for the current page. Throws where there is no page (Node, workers): use `svg` or `save` there. */
  element(): Global<"SVGSVGElement"> {
    if (typeof DOMParser === "undefined" || typeof document === "undefined") {
      throw new Error("element() needs a web page; here, use the figure's svg text or save it with save(path)");
    }
    const parsed = new DOMParser().parseFromString(this.svg, "image/svg+xml");
    return document.importNode(parsed.documentElement, true) as unknown as SVGSVGElement;
  }

  /** The bytes of the .svg file (UTF-8). */
  toBytes(): Uint8Array<ArrayBuffer> {
    return new TextEncoder().encode(this.svg);
  }

  /** Writes the figure to a file whose name ends in .svg; the file is never half-written. */
  async save(path: string): Promise<void> {
    if (typeof path !== "string" || !/\.svg$/i.test(path)) {
      throw new TypeError(`figures are saved as SVG, so the file name must end in ".svg"; got ${shown(path)}`);
    }
    await writeFileAtomic(path, this.toBytes());
  }

  toString(): string {
    return `Figure(${this.width} x ${this.height} px, ${this.toBytes().length} bytes of SVG)`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}
