// The scales of a representation.

/** What a scale is called. */
export type Label = string | number;
