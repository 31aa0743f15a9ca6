// A file of the user's own code, from which a model or a metric comes. It is run because the person named it on the command
// line; nothing that stands in a file ever makes a command run code.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { systemCode } from "@plenoptic-js/formats";
import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import type * as Plenoptic from "plenoptic-js";
import { UserCodeError, UserError } from "./failure.ts";
import { during } from "./unfinished.ts";
import {
  checkedTensor,
  EXAMPLES,
  errorText,
  failed,
  type Kind,
  kindOf,
  lineOf,
  lineOfFunction,
  nameOfMaker,
  place,
} from "./userCode.ts";

const ENDINGS = [".mjs", ".js", ".ts", ".mts"];

/** What `makeModel` and `makeMetric` are told. */
export interface MakeContext {
  /** Size of the image, in pixels. */
  readonly height: number;
  readonly width: number;
  readonly dtype: FloatDType;
  /** The library itself, so that the file need not import it. */
  readonly po: typeof Plenoptic;
}

/** A file that was run. */
export interface UserModule {
  /** Its name without folders. */
  readonly name: string;
  readonly sha256: string;
  /** Whether it was made by its `makeModel` or `makeMetric`. */
  readonly isMade: boolean;
  /** What it gives for images of a size. Throws UserCodeError. */
  make(context: MakeContext): Promise<unknown>;
  /** The line on which a function of its begins, where it stands there as it is. */
  lineOf(f: unknown): number | undefined;
  /** Calls something of its own. Whatever is thrown becomes a UserCodeError that names the file, and the line. */
  guard<T>(call: () => T): T;
  /** Calls its model or metric. What gives no Tensor is a UserCodeError too, which names the place of the function `written`. */
  call(written: unknown, call: () => unknown): Tensor;
}

/** Whether a name on the command line means a file: it has folders, or the ending of a module. */
export function isModuleName(name: string): boolean {
  return /[\\/]/.test(name) || ENDINGS.some((ending) => name.toLowerCase().endsWith(ending));
}

/** What is said of such files in the help of a command. */
export function moduleHelp(kind: Kind): string {
  return (
    `or a file of your own code (${ENDINGS.join(", ")}), which is run: its default export, or its export ` +
    `"${kind}", is the ${kind}; or its export "${nameOfMaker[kind]}" makes one`
  );
}

/**
 * Runs a file of the user's.
 *
 * @throws UserError for a file that is not there; UserCodeError for one that cannot be run, or has no such export
 */
export async function loadUserModule(path: string, kind: Kind): Promise<UserModule> {
  if (!ENDINGS.some((ending) => path.toLowerCase().endsWith(ending))) {
    throw new UserError(`${path}: a file with a ${kind} must end in ${ENDINGS.join(", ")}`);
  }
  if (!ENDINGS.some((ending) => path.endsWith(ending))) {
    throw new UserError(`${path}: Node knows endings in small letters only (${ENDINGS.join(", ")}); rename the file`);
  }
  const bytes = await read(path, kind);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const source = new TextDecoder().decode(bytes);
  const name = basename(path);
  const maker = nameOfMaker[kind];
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = await during({ path, what: "its code" }, async () => {
      return (await import(/* @vite-ignore */ pathToFileURL(resolve(path)).href)) as typeof exported;
    });
  } catch (error) {
    throw new UserCodeError(`${place(path, lineOfFailure(path, error))}: it cannot be run: ${whyNot(error, maker)}`, {
      cause: error,
    });
  }
  const { [maker]: make, [kind]: named, default: standard } = exported;
  if (make !== undefined && typeof make !== "function") {
    throw new UserCodeError(
      `${path}: its export "${maker}" is ${kindOf(make)}; it must be a function of { height, width, dtype, po } that gives the ${kind}`,
      { example: EXAMPLES[maker] },
    );
  }
  const found = named ?? standard;
  if (make === undefined && found === undefined) {
    const names = Object.keys(exported);
    throw new UserCodeError(
      `${path} exports ${names.length === 0 ? "nothing" : names.join(", ")}; a ${kind} must be its default export or its export ` +
        `"${kind}", or be made by its export "${maker}"`,
      { example: EXAMPLES[kind] },
    );
  }
  const guard = <T>(call: () => T): T => {
    try {
      return during({ path, what: `its ${kind}` }, call);
    } catch (error) {
      throw failed(path, kind, error);
    }
  };
  return {
    name,
    sha256,
    isMade: make !== undefined,
    lineOf: (f) => lineOfFunction(source, f),
    guard,
    call: (written, call) => guard(() => checkedTensor(call(), { path, kind, line: lineOfFunction(source, written) })),
    make: async (context) => {
      if (make === undefined) return found;
      try {
        return await during({ path, what: `its ${maker}` }, async () => (await make(context)) as unknown);
      } catch (error) {
        throw failed(path, maker, error);
      }
    },
  };
}

/** The line on which loading a file failed. Node's error of a text that is no JavaScript does not say; its check does. */
function lineOfFailure(path: string, error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const line = lineOf(path, error);
  if (line !== undefined || error.name !== "SyntaxError") return line;
  const { stderr } = spawnSync(process.execPath, ["--check", resolve(path)], { encoding: "utf8" });
  return lineOf(path, { stack: stderr });
}

async function read(path: string, kind: Kind): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") throw new UserError(`${path}: there is no such file with a ${kind}`);
    if (code === "EISDIR") throw new UserError(`${path} is a folder; name a file with a ${kind} in it`);
    throw error;
  }
}

/** Why a file could not be loaded, and what to do. */
export function whyNot(error: unknown, maker: string): string {
  const code = systemCode(error);
  const text = errorText(error);
  if (code === "ERR_UNKNOWN_FILE_EXTENSION" || code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX") {
    return `Node ${process.versions.node} does not run such TypeScript; use Node 22.18 or newer, or a .mjs file`;
  }
  if (code === "ERR_MODULE_NOT_FOUND" && /plenoptic-js/.test(text)) {
    return `it imports plenoptic-js, which is not installed beside it; install it there, or export ${maker}({ po }), which is given it`;
  }
  return text;
}
