// What is typed of a network: which layers of it are the model, and how images are normalized for it.

import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import type { Command as PlainCommand } from "commander";
import { oneOf } from "./names.ts";

/** What images of torchvision's networks are normalized by, channel by channel. */
const IMAGE_NET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;

// Types of flags are no interfaces: options of a command must be records, which interfaces are not.
export type NetworkFlags = {
  readonly layer?: readonly string[] | undefined;
  readonly normalize?: "imagenet" | undefined;
  readonly mean?: readonly number[] | undefined;
  /** One number is also an option of other models. */
  readonly std?: number | readonly number[] | undefined;
};

/** The options of a network, in the order in which they are typed. */
export const NETWORK_OPTIONS = ["layer", "normalize", "mean", "std"] as const;

export function addNetworkFlags(command: PlainCommand): void {
  command
    .option(
      "--layer <name>",
      "of a network: the layer that is the model, as PyTorch calls it, such as layer3 or features.11, or the name of a value; again for more layers",
      (name: string, before: readonly string[] | undefined) => [...(before ?? []), name],
    )
    .addOption(
      new Option(
        "--normalize <name>",
        "of a network: as its images were in training; imagenet is what torchvision's networks want",
      )
        .choices(["imagenet"])
        .argParser(oneOf(["imagenet"]))
        .conflicts(["mean", "std"]),
    )
    .option(
      "--mean <numbers>",
      "of a network: what is subtracted from each channel, such as 0.5,0.5,0.5",
      channelNumbers,
    );
}

/** What the other meaning of `--std` is, in the help of a command. */
export const STD_HELP = "of a network: what each channel is divided by, such as 0.5,0.5,0.5";

/** Numbers with commas between: one for each channel. */
export function channelNumbers(text: string): number[] {
  const numbers = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (numbers.some((n) => !Number.isFinite(n)) || (numbers.length !== 1 && numbers.length !== 3)) {
    throw new InvalidArgumentError(
      "It must be a number for each channel with commas between, such as 0.485,0.456,0.406.",
    );
  }
  return numbers;
}

/** How images are normalized, and how that is typed; null for not at all. */
export interface Normalization {
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly flags: readonly string[];
  /** To be read after the layers. */
  readonly words: string;
}

/** What the options say of it. `channels`: one number is meant for all of them. */
export function normalizationOf({ normalize, mean, std }: NetworkFlags, channels: number): Normalization | null {
  if (normalize === "imagenet") {
    return { ...IMAGE_NET, flags: ["--normalize", "imagenet"], words: "images normalized as ImageNet's" };
  }
  if (mean === undefined && std === undefined) return null;
  const all = (given: number | readonly number[]): readonly number[] => {
    const numbers = typeof given === "number" ? [given] : given;
    return numbers.length === 1 ? Array.from({ length: channels }, () => numbers[0]) : numbers;
  };
  const [less, by] = [all(mean ?? 0), all(std ?? 1)];
  return {
    mean: less,
    std: by,
    flags: ["--mean", less.join(","), "--std", by.join(",")],
    words: `images minus ${less.join(", ")}, divided by ${by.join(", ")}`,
  };
}
