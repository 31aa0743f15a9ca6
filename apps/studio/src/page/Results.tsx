// What came of it: its hash, the command that makes the same, files to take away, a link.

import { useEffect, useMemo } from "preact/hooks";
import { commandOf } from "../choice/command.ts";
import type { SaveKind } from "../protocol/messages.ts";
import { copyLink, save } from "./actions.ts";
import * as state from "./state.ts";

const SAVES: readonly (readonly [kind: SaveKind, label: string, help: string])[] = [
  ["png16", "PNG, 16 bit", "for showing; the recipe is inside"],
  ["png8", "PNG, 8 bit", "for looking at; the recipe is inside"],
  ["npy", ".npy", "the exact values, for NumPy"],
  ["pt", ".pt", "all of it, to go on here or in Python's plenoptic"],
  ["recipe", "Recipe", "all that the result depends on"],
];

export function Results() {
  const { frame, hashes, begunChoice, catalog, isBusy, figure } = state;
  if (frame.value === null || frame.value.made.length === 0 || begunChoice.value === null || catalog.value === null)
    return null;
  return (
    <div class="results">
      {hashes.value !== null && <Hashes />}
      <div class="buttons">
        {SAVES.map(([kind, label, help]) => (
          <button
            key={kind}
            type="button"
            title={help}
            disabled={isBusy.value}
            onClick={() => void save(kind, kind.startsWith("png"))}
          >
            {label}
          </button>
        ))}
        <button type="button" onClick={() => void copyLink()}>
          Copy link
        </button>
      </div>
      <details>
        <summary>The same in Node</summary>
        <code class="command">{commandOf(begunChoice.value, catalog.value, frame.value.step)}</code>
      </details>
      {figure.value !== null && (
        <details>
          <summary>What the model sees</summary>
          <Figure svg={figure.value} />
        </details>
      )}
    </div>
  );
}

/** A figure of the library, as an image: there the page's policy on styles does not reach, and nothing in it can run. */
function Figure({ svg }: { readonly svg: string }) {
  const address = useMemo(() => URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" })), [svg]);
  useEffect(() => () => URL.revokeObjectURL(address), [address]);
  return <img loading="lazy" class="figure" src={address} alt="What the model sees of the images" />;
}

/** The hashes, and whether they are those of the link. */
function Hashes() {
  const { hashes, promised, phase } = state;
  const all = hashes.value ?? [];
  const isPromised = promised.value.length > 0 && phase.value === "done";
  const isSame = all.length === promised.value.length && all.every(({ sha256 }, i) => sha256 === promised.value[i]);
  return (
    <div class="hashes">
      {all.map(({ name, sha256 }) => (
        <p key={name}>
          <span>{all.length === 1 ? "SHA-256" : name}</span> <code>{sha256}</code>
        </p>
      ))}
      {isPromised && (
        <p role="status" class={isSame ? "same" : "other"}>
          {isSame
            ? "The same SHA-256 as the link says."
            : `Another SHA-256 than the link says: ${promised.value.join(", ")}.`}
        </p>
      )}
    </div>
  );
}
