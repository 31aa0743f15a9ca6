// The whole page: what to make on the left, pictures in the middle, how it comes along on the right. Files can be dropped and pasted anywhere.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { forgetAll, resume, take } from "./actions.ts";
import { BroughtPanel } from "./BroughtPanel.tsx";
import { ChoiceForm } from "./ChoiceForm.tsx";
import { Help } from "./Help.tsx";
import { onKey } from "./keys.ts";
import { Pictures } from "./Pictures.tsx";
import { Progress } from "./Progress.tsx";
import { Results } from "./Results.tsx";
import * as state from "./state.ts";

export function Studio() {
  const isHelpOpen = useSignal(false);
  const isDropping = useSignal(false);
  useEffect(() => {
    const ends = new AbortController();
    const { signal } = ends;
    addEventListener(
      "keydown",
      (event) =>
        onKey(event, () => {
          isHelpOpen.value = !isHelpOpen.value;
        }),
      { signal },
    );
    addEventListener(
      "paste",
      (event) => {
        const file = event.clipboardData?.files[0];
        if (file === undefined) return;
        event.preventDefault();
        void take(file);
        state.notes.value = ["A pasted picture is the clipboard's own PNG, of 8 bits a value. Open the file for more."];
      },
      { signal },
    );
    const drag = (is: boolean) => (event: DragEvent) => {
      event.preventDefault();
      isDropping.value = is;
    };
    addEventListener("dragover", drag(true), { signal });
    addEventListener("dragleave", drag(false), { signal });
    addEventListener(
      "drop",
      (event) => {
        drag(false)(event);
        const file = event.dataTransfer?.files[0];
        if (file !== undefined) void take(file);
      },
      { signal },
    );
    return () => ends.abort();
  }, []);
  return (
    <div class={isDropping.value ? "studio dropping" : "studio"}>
      <header>
        <h1>plenoptic studio</h1>
        <p>See what a model of vision sees. The model cannot see the difference; you can.</p>
        <button
          type="button"
          class="quiet"
          aria-keyshortcuts="?"
          onClick={() => {
            isHelpOpen.value = true;
          }}
        >
          Help and keys
        </button>
      </header>
      <main>
        <section class="panel choice" aria-label="What to make">
          <ChoiceForm />
        </section>
        <section class="pictures" aria-label="Pictures">
          <Told />
          {state.brought.value === null ? <Pictures /> : <BroughtPanel />}
        </section>
        <section class="panel course" aria-label="How it comes along">
          <Progress />
          <Results />
        </section>
      </main>
      <footer>
        <span>
          {state.catalog.value === null
            ? "Loading…"
            : `plenoptic-js ${state.catalog.value.versions.library}, numeric contract ${state.catalog.value.versions.numerics}`}
          {crossOriginIsolated ? "" : ", one thread (this page is not isolated)"}
        </span>
        <span>Everything is computed here. Nothing is sent anywhere.</span>
      </footer>
      {isHelpOpen.value && (
        <Help
          onClose={() => {
            isHelpOpen.value = false;
          }}
        />
      )}
    </div>
  );
}

/** What went wrong, and what is to be known. */
function Told() {
  const { problem, notes, kept } = state;
  return (
    <div class="told">
      <p role="alert" class="problem" hidden={problem.value === null}>
        {problem.value}
      </p>
      <KeptOffer hidden={kept.value === null} />
      <ul role="status" class="notes" hidden={notes.value.length === 0}>
        {notes.value.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </div>
  );
}

function KeptOffer({ hidden }: { readonly hidden: boolean }) {
  return (
    <div class="kept" hidden={hidden}>
      <span>Your last synthesis was kept at step {state.kept.value?.step}.</span>
      <button type="button" onClick={() => void resume()}>
        Go on from there
      </button>
      <button type="button" class="quiet" onClick={() => void forgetAll()}>
        Forget it
      </button>
    </div>
  );
}
