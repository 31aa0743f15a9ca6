// Pictures of Python's plenoptic, whose licences do not let them ship: calling one says what there is instead.

import { absent } from "../elsewhere.ts";

const SHIPPED = "these pictures ship: house, boats, acanthus, sheep, brick, gravel, grass, as in po.data.house()";

const picture = (name: string): ((...args: never[]) => never) =>
  absent(`data.${name}`, `${SHIPPED}; po.loadImages reads your own copy of ${name}`);

/** Not here: use `po.loadImages`. */
export const einstein = picture("einstein");

/** Not here: use `po.loadImages`. */
export const curie = picture("curie");

/** Not here: use `po.loadImages`. */
export const parrot = picture("parrot");

/** Not here: use `po.loadImages`. */
export const reptileSkin = picture("reptileSkin");

/** Not here: use `po.loadImages`. */
export const colorWheel = picture("colorWheel");

/** Not here: use `po.loadImages`. */
export const macaque = picture("macaque");

/** Not here: nothing is downloaded. */
export const fetchData = absent("data.fetchData", `nothing is downloaded; ${SHIPPED}`);
