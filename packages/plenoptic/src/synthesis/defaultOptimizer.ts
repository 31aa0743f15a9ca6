// What moves the image where no optimizer is given: that of Python's plenoptic.

import { optim } from "@plenoptic-js/tensor";

export const defaultOptimizer = (): optim.Optimizer => optim.Adam({ lr: 0.01, amsgrad: true });
