// A model as it was chosen on the command line: what every command asks of one, wherever it comes from.

import type { FloatDType } from "@plenoptic-js/tensor";
import type * as po from "plenoptic-js";
import type { ImageSize, ModelLoss, RepresentationGroups } from "plenoptic-js/engine";
import type { Channels } from "./colour.ts";
import type { UserFile } from "./userCode.ts";
import type { UserModule } from "./userModule.ts";

/** A model, chosen with its options but not made yet. */
export interface ModelChoice {
  /** Name and options in words: `gaussian (kernel size 31, std 3)`. */
  readonly description: string;
  /** What it does, to be read after its description. */
  readonly summary: string;
  /** The options, defaults included, as they are typed. */
  readonly flags: readonly string[];
  /** The shortest side of an image it can be used on. */
  readonly leastSide: number;
  /** What both sides of an image must be divisible by. */
  readonly sideStep: number;
  /** What to do about an image that is too small, in words. */
  readonly forSmallImages: string;
  /** Undefined for the mean squared error. */
  readonly loss: ModelLoss | undefined;
  /** The groups of its representation, where they are known. */
  readonly groups?: RepresentationGroups | undefined;
  /** The file it comes from, if it is the user's own, or a network. */
  readonly file?: Pick<UserModule, "name" | "sha256">;
  /** A file of code, as it was named. */
  readonly userFile?: UserFile;
  /** Of a network. */
  readonly network?: NetworkChoice;
  create(imageShape: ImageSize, dtype: FloatDType): Promise<po.Model>;
}

/** What is special of a network. */
export interface NetworkChoice {
  /** Of its images. */
  readonly channels: Channels;
  /** The size of images that its file says; null where it leaves it open. */
  readonly ownSize: ImageSize | null;
  /** What may be meant otherwise, for images of a size. */
  notes(size: ImageSize): readonly string[];
}
