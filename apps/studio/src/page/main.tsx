// The page begins here.

import { render } from "preact";
import { isolate } from "../isolation/isolate.ts";
import { start } from "./actions.ts";
import { Studio } from "./Studio.tsx";

const root = document.getElementById("studio");
if (root !== null) {
  render(<Studio />, root);
  void isolate().then((isReloading) => (isReloading ? undefined : start()));
}
