// `npm run test:interop -- --python PYTHON`: proves that syntheses go from here to Python's plenoptic and back. PYTHON must
// be able to import torch and plenoptic 2. Exit code: 0 all agree, 1 some do not, 2 it could not be run.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Peer, PeerError } from "@plenoptic-js/proof/peer/peer";
import * as po from "plenoptic-js";
import { cases, eigenCases } from "./cases.ts";
import { exchangeEigendistortions } from "./eigendistortions.ts";
import { exchange } from "./exchange.ts";

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { python: { type: "string" } } });
  if (values.python === undefined) {
    console.error("Usage: npm run test:interop -- --python PYTHON, a Python with torch and plenoptic 2");
    return 2;
  }
  // plenoptic says, as we do, that optimizers other than Adam need setup(); they get it.
  po.warnings.on(() => {});
  const folder = mkdtempSync(join(tmpdir(), "interop-"));
  let peer: Peer | null = null;
  try {
    peer = await Peer.start(values.python, fileURLToPath(new URL("./continue.py", import.meta.url)));
    const started = peer;
    console.log(`${started}\n`);
    let failed = 0;
    let passed = 0;
    const exchanges = [
      ...cases.map((one) => exchange(started, one, folder)),
      ...eigenCases.map((one) => exchangeEigendistortions(started, one, folder)),
    ];
    for (const outcomes of exchanges) {
      for await (const { name, failure, difference } of outcomes) {
        if (failure === null) passed++;
        else failed++;
        console.log(
          failure === null ? `ok      ${name} (to ${difference.toExponential(0)})` : `FAILED  ${name}: ${failure}`,
        );
      }
    }
    console.log(`\n${passed} passed, ${failed} failed`);
    return failed === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
    console.error(error.message);
    return 2;
  } finally {
    peer?.close();
    rmSync(folder, { recursive: true });
  }
}

process.exitCode = await main();
