// The version of the numeric contract (docs/numerics.md). It goes up when some result's bits change, and never else. It stands
// in every recipe and file.

export const NUMERICS_VERSION = 1;
