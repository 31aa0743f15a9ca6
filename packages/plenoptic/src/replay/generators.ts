// Random generators in the states of a recipe, lent to what draws from the global ones. What the program around draws is not touched.

import { FileError } from "@plenoptic-js/formats";
import { defaultGenerator, globalNumpy } from "@plenoptic-js/tensor";
import { fromBase64, generatorsOf, type OwnRecipe } from "../recipe.ts";

export class Generators {
  #torch: Uint8Array;
  #numpy: ReturnType<ReturnType<typeof globalNumpy>["getState"]>;

  /** @throws FileError for states that are none */
  constructor({ random }: Pick<OwnRecipe, "random">, file: string) {
    try {
      const { torch, numpy } = generatorsOf({ ...random });
      this.#torch = torch.getState();
      this.#numpy = numpy.getState();
    } catch (cause) {
      throw new FileError("damaged", file, "its recipe has states of generators that are none", { cause });
    }
  }

  /** torch's generator is in this state from here on. */
  jump(random: { readonly torch: string }, file: string): void {
    const before = defaultGenerator().getState();
    try {
      defaultGenerator().setState(fromBase64(random.torch));
      this.#torch = defaultGenerator().getState();
    } catch (cause) {
      throw new FileError("damaged", file, "its recipe has a state of a generator that is none", { cause });
    } finally {
      defaultGenerator().setState(before);
    }
  }

  /** Does what draws before it returns. */
  lend<T>(work: () => T): T {
    const torch = defaultGenerator();
    const numpy = globalNumpy();
    const before = { torch: torch.getState(), numpy: numpy.getState() };
    torch.setState(this.#torch);
    numpy.setState(this.#numpy);
    try {
      return work();
    } finally {
      this.#torch = torch.getState();
      this.#numpy = numpy.getState();
      torch.setState(before.torch);
      numpy.setState(before.numpy);
    }
  }
}
