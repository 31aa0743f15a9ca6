// Numbers for people to read.

/** A number in so many significant digits, without zeros at its end; very small and very large ones with an exponent. */
export function significant(value: number, digits = 3): string {
  const size = Math.abs(value);
  if (value === 0 || !Number.isFinite(value) || (size >= 0.001 && size < 10000)) {
    return String(Number(value.toPrecision(digits)));
  }
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  return `${Number(mantissa)}e${Number(exponent)}`;
}
