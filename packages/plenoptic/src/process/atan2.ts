// The angle of a point, from functions that give the same bits everywhere: Newton's iteration on sine and cosine.

import { cos64, sin64 } from "@plenoptic-js/tensor/engine";

/**
 * The angle of the point (x, y) in radians, in [-pi, pi], to within an ulp or two in double precision. The signs of
 * zeros count as in IEEE 754: atan2(-0, -1) is -pi.
 */
export function atan2(y: number, x: number): number {
  const across = Math.abs(y);
  const along = Math.abs(x);
  // A first guess in the first quadrant, within 0.1 of the angle; each step then cubes the error.
  let angle = across === 0 ? 0 : (Math.PI / 2) * (across / (across + along));
  for (let step = 0; step < 4 && across > 0; step++) {
    const sine = sin64(angle);
    const cosine = cos64(angle);
    angle += (across * cosine - along * sine) / (along * cosine + across * sine);
  }
  const behind = x < 0 || Object.is(x, -0);
  const half = behind ? Math.PI - angle : angle;
  return y < 0 || Object.is(y, -0) ? -half : half;
}
