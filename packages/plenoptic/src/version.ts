// The version of this package, for recipes and files. A test holds it equal to package.json.

export const VERSION = "0.1.0";
