// A terminal that remembers what was written to it.

import { Writable } from "node:stream";
import type { Terminal, TextStream } from "../src/terminal.ts";

class Memory extends Writable {
  text = "";
  readonly isTTY: boolean;
  readonly columns: number;

  constructor(isTTY: boolean, columns: number) {
    super();
    this.isTTY = isTTY;
    this.columns = columns;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString("utf8");
    done();
  }
}

export interface FakeStream extends TextStream {
  readonly text: string;
}

export function fakeStream(options: { isTTY?: boolean; columns?: number } = {}): FakeStream {
  return new Memory(options.isTTY ?? false, options.columns ?? 80);
}

export function fakeTerminal(): Terminal & { readonly out: FakeStream; readonly err: FakeStream } {
  return { out: fakeStream(), err: fakeStream() };
}
