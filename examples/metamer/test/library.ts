// The library by itself, for a page without the example around it: bundled by library.browser.test.ts.

import * as po from "plenoptic-js";

async function prepare(): Promise<(seconds: number) => Promise<number>> {
  const house = await po.data.house({ dtype: "float64" });
  const metamer = new po.Metamer(house.slice(2, 0, 128).slice(3, 0, 128), new po.models.Gaussian(31, { std: 3 }));
  await metamer.synthesize({ maxIter: 200, stopCriterion: 0 });
  return async (seconds) => {
    const before = metamer.numIter;
    const end = new AbortController();
    setTimeout(() => end.abort(), 1000 * seconds);
    await metamer.synthesize({ maxIter: 1e6, stopCriterion: 0, signal: end.signal }).catch((error: unknown) => {
      if (!end.signal.aborted) throw error;
    });
    return metamer.numIter - before;
  };
}

Object.assign(window, { prepare });
