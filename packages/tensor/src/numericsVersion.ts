// The version of the numeric contract (docs/numerics.md). 0 until the first release; afterwards it changes only when
// some result's bits change. It stands in every recipe.

export const NUMERICS_VERSION = 0;
