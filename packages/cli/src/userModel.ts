// A model from a file of the user's.

import type { Model, ModelFunction, plot, validate } from "plenoptic-js";
import { UserCodeError } from "./failure.ts";
import { EXAMPLES, isClass, kindOf, place } from "./userCode.ts";
import type { MakeContext, UserModule } from "./userModule.ts";

/** What a model may have besides `forward`. */
type AnyModel = plot.PlottableModel & Partial<validate.ScaledModel>;

/**
 * The model that a file gives, so wrapped that its failures name the file. A function, or a model without a name, has the
 * name of the file.
 *
 * @throws UserCodeError for what is no model
 */
export async function makeUserModel(path: string, file: UserModule, context: MakeContext): Promise<Model> {
  const given = await file.make(context);
  if (typeof given === "function" && !isClass(given)) {
    const forward = given as ModelFunction;
    return { name: file.name, options: {}, forward: (image) => file.call(forward, () => forward(image)) };
  }
  const model = given as AnyModel | null | undefined;
  if (typeof model !== "object" || model === null || typeof model.forward !== "function") {
    throw noModel(path, file, given);
  }
  const { name = file.name, options = {}, scales } = model;
  return {
    name,
    options,
    forward: (...args: Parameters<validate.ScaledModel["forward"]>) =>
      file.call(model.forward, () => (model as validate.ScaledModel).forward(...args)),
    ...(scales !== undefined && { scales }),
    ...methods(model, file, ["plotRepresentation", "representationPanels", "panelAxis", "convertToDict"]),
  };
}

function noModel(path: string, { isMade, lineOf }: UserModule, given: unknown): UserCodeError {
  const gives = isMade ? "its makeModel gives" : "its model is";
  if (isClass(given)) {
    const { name } = given as { readonly name: string };
    return new UserCodeError(
      `${place(path, lineOf(given))}: ${gives} the class ${name || "without a name"}; it must be an object of that class, made with new`,
      { example: EXAMPLES.instance },
    );
  }
  return new UserCodeError(
    `${path}: ${gives} ${kindOf(given)}; it must be a function from an image to a Tensor, or have such a function as forward`,
    { example: isMade ? EXAMPLES.makeModel : EXAMPLES.model },
  );
}

/** Those of the methods that the model has. */
function methods(model: AnyModel, { guard }: UserModule, names: readonly (keyof AnyModel)[]): Partial<AnyModel> {
  const own: Record<string, unknown> = {};
  for (const name of names) {
    const method: unknown = model[name];
    if (typeof method === "function")
      own[name] = (...args: unknown[]) => guard(() => method.apply(model, args) as unknown);
  }
  return own;
}
