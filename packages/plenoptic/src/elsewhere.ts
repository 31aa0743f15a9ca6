// Names that users of Python's plenoptic will try and that do not exist here: calling them says what to use instead.
// docs/differences.md has the whole list.

/** A function of Python's that is not needed here, or is called otherwise. */
export function absent(name: string, advice: string): (...args: never[]) => never {
  return () => {
    throw new TypeError(`${name} does not exist here: ${advice}`);
  };
}

/** A name space of plenoptic 1.x, whose things have moved. */
function moved(name: string, advice: string): Readonly<Record<string, never>> {
  return new Proxy(Object.freeze({}), {
    get(_, key) {
      // Printing an object, and awaiting it, look for symbols and for `then`.
      if (typeof key === "symbol" || key === "then" || key === "toJSON") return undefined;
      throw new TypeError(`${name}.${key} is a name of plenoptic 1: ${advice}`);
    },
  });
}

/** Not here: models have no learnable parameters; leave it out. */
export const removeGrad = absent("removeGrad", "models have no learnable parameters, so there is nothing to remove");

/** Not here: use `await x.data()`. */
export const toNumpy = absent("toNumpy", "await x.data() gives the values of a tensor as a typed array");

/** Not here: use `po.plot.imshow`. */
export const imshow = absent("imshow", "use po.plot.imshow");

/** Not here: use `po.models` and `po.process`. */
export const simul = moved("simul", "models are in po.models, pyramids and filters in po.process");

/** Not here: use `po.Metamer` and so on. */
export const synth = moved("synth", "synthesis methods are in po itself, such as po.Metamer");

/** Not here: use `po.process`, `po.loss`, `po.regularize`, `po.validate`, `po.io` and `po.data`. */
export const tools = moved(
  "tools",
  "look in po.process, po.loss, po.regularize, po.validate, po.io and po.data; setSeed and loadImages are in po itself",
);
