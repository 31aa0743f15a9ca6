// Types of the platform, for signatures.

/**
 * The type of a global class, such as `Global<"AbortSignal">`. Nothing where the user's compiler knows no such class, so that our
 * declarations are right without the DOM library too.
 */
export type Global<Name extends string> =
  typeof globalThis extends Readonly<Record<Name, { prototype: infer T }>> ? T : never;
