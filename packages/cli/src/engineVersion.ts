// Which JavaScript engine runs this. Deno and Bun say that they are Node too, so they are asked first.

/** Globals by which engines are known. */
export interface EngineGlobals {
  readonly Deno?: { readonly version: { readonly deno: string } };
  readonly Bun?: { readonly version: string };
  readonly process: { readonly versions: { readonly node: string } };
}

/** The engine's name and version, as an entry of a record: `{ node: "24.1.0" }`. */
export function engineVersion(globals: EngineGlobals = globalThis): Readonly<Record<string, string>> {
  if (globals.Deno !== undefined) return { deno: globals.Deno.version.deno };
  if (globals.Bun !== undefined) return { bun: globals.Bun.version };
  return { node: globals.process.versions.node };
}
