// A file of the user's own code, from which a model or a metric comes. It is run because the person named it on the command
// line; nothing that stands in a file ever makes a command run code.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { FloatDType } from "@plenoptic-js/tensor";
import { systemCode } from "../files/node.ts";
import type * as Plenoptic from "../index.ts";
import { oneLine, UserError } from "./failure.ts";

const ENDINGS = [".mjs", ".js", ".ts", ".mts"];

/** What a module may export: `model` and `makeModel`, or `metric` and `makeMetric`. */
export type Kind = "model" | "metric";

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
  /** What it gives for images of a size. Throws UserError. */
  make(context: MakeContext): Promise<unknown>;
  /** Calls something of its own. Whatever is thrown becomes a UserError that names the file. */
  guard<T>(call: () => T): T;
}

/** Whether a name on the command line means a file: it has folders, or the ending of a module. */
export function isModuleName(name: string): boolean {
  return /[\\/]/.test(name) || ENDINGS.some((ending) => name.toLowerCase().endsWith(ending));
}

const nameOfMaker: Readonly<Record<Kind, "makeModel" | "makeMetric">> = { model: "makeModel", metric: "makeMetric" };

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
 * @throws UserError for a file that is not there, cannot be run, or has no such export
 */
export async function loadUserModule(path: string, kind: Kind): Promise<UserModule> {
  if (!ENDINGS.some((ending) => path.toLowerCase().endsWith(ending))) {
    throw new UserError(`${path}: a file with a ${kind} must end in ${ENDINGS.join(", ")}`);
  }
  const sha256 = createHash("sha256")
    .update(await read(path, kind))
    .digest("hex");
  const name = basename(path);
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = (await import(/* @vite-ignore */ pathToFileURL(resolve(path)).href)) as typeof exported;
  } catch (error) {
    throw new UserError(`${path} cannot be run: ${whyNot(error, nameOfMaker[kind])}`, { cause: error });
  }
  const maker = nameOfMaker[kind];
  const { [maker]: make, [kind]: named, default: standard } = exported;
  if (make !== undefined && typeof make !== "function") {
    throw new UserError(
      `${path}: its export "${maker}" is ${kindOf(make)}; it must be a function of { height, width, dtype, po } that gives the ${kind}`,
    );
  }
  const found = named ?? standard;
  if (make === undefined && found === undefined) {
    const names = Object.keys(exported);
    throw new UserError(
      `${path} exports ${names.length === 0 ? "nothing" : names.join(", ")}; a ${kind} must be its default export or its export ` +
        `"${kind}", or be made by its export "${maker}"`,
    );
  }
  const guard = <T>(call: () => T): T => {
    try {
      return call();
    } catch (error) {
      throw error instanceof UserError ? error : failed(path, kind, error);
    }
  };
  return {
    name,
    sha256,
    guard,
    make: async (context) => {
      if (make === undefined) return found;
      try {
        return (await make(context)) as unknown;
      } catch (error) {
        throw failed(path, maker, error);
      }
    },
  };
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

function failed(path: string, what: string, error: unknown): UserError {
  return new UserError(`${path}: its ${what} failed: ${errorText(error)}`, { cause: error });
}

function errorText(error: unknown): string {
  return oneLine(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
}

/** What a value is, in words. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "object") return Array.isArray(value) ? "an array" : "an object";
  return `a ${typeof value}`;
}
