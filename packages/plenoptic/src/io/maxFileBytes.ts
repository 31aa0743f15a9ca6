/** How much is read of a file, at most. What L-BFGS remembers of large images is large. */
export const maxFileBytes: number = 16 * 1024 * 1024 * 1024;
