// The type of chromium.mjs, which is plain JavaScript because it runs before anything is installed.

/** The path of a Chromium, or undefined. */
export function findChromium(): string | undefined;
