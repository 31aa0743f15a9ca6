// The checks of images that are filtered in space.

import { DTypeError, ShapeError, type Tensor } from "@plenoptic-js/tensor";
import { checkTensor, shapeText } from "@plenoptic-js/tensor/engine";

/** Refuses what is neither float32 nor float64. `caller` and `name` are for the message. */
export function checkFloat(caller: string, name: string, x: Tensor): void {
  checkTensor(caller, name, x);
  if (x.dtype !== "float32" && x.dtype !== "float64") {
    throw new DTypeError(`${caller}: ${name} is ${x.dtype}; it must be float32 or float64: use cast("float32")`);
  }
}

/** Refuses what is not a real image [batch, channel, height, width]. */
export function checkImage(caller: string, image: Tensor): void {
  checkTensor(caller, "the image", image);
  if (image.ndim !== 4) {
    throw new ShapeError(
      `${caller}: image must be 4d but has ${image.ndim} dimensions instead: it is ${shapeText(image.shape)}, and ` +
        "should be [batch, channel, height, width]",
    );
  }
  checkFloat(caller, "the image", image);
}
