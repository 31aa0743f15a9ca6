// A module worker that decodes the samples when it is sent anything.

import { decodeSamples } from "./decodeSamples.ts";

self.onmessage = () => {
  decodeSamples().then((decoded) => self.postMessage(decoded), reportError);
};
