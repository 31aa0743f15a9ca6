// How large a network may be. Files are not trusted: each number is checked before memory is taken for it.

/** Bytes of a file, and of each file of weights beside it, unless an option says more. */
export const DEFAULT_FILE_BYTES = 0x4000_0000;
/** What protocol buffers can hold. */
export const MOST_FILE_BYTES = 0x8000_0000;
/** Nodes of all graphs together. */
export const MOST_NODES = 50_000;
/** Graphs in graphs. */
export const MOST_NESTED = 8;
export const MOST_ATTRIBUTES = 256;
/** Numbers of one attribute. */
export const MOST_NUMBERS = 1 << 20;
export const MOST_AXES = 8;
/** Bytes of a name. */
export const MOST_NAME = 4096;
/** Elements of a value that is computed here, and not by the program. */
export const MOST_KNOWN = 0x800_0000;
/** Elements of any value. */
export const MOST_ELEMENTS = 0x8000_0000;
/** Elements of known numbers up to which they are computed here. More are weights, and belong to the program. */
export const MOST_SMALL = 10_000;
/** Elements along an axis for which a table says where each comes from: padding and resizing. */
export const MOST_ALONG_AXIS = 0x10_0000;
/** Elements of a window of which the mean or the maximum is taken, and slices that are multiplied: each is a node of the graph. */
export const MOST_TAPS = 4096;
