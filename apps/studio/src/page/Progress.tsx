// How it comes along: steps, numbers, curves, and the buttons that steer it.

import type { Judged } from "../protocol/messages.ts";
import { go, pause, scrubTo } from "./actions.ts";
import { Curve } from "./Curve.tsx";
import * as state from "./state.ts";

const PHASES: Readonly<Record<state.Phase, string>> = {
  loading: "Loading…",
  ready: "Ready.",
  beginning: "Compiling…",
  running: "Running.",
  paused: "Paused.",
  done: "Done.",
  verifying: "Checking…",
  failed: "It did not work.",
};

export function Progress() {
  const { phase, frame, begun, curves, judged, ending, isStale } = state;
  const at = frame.value;
  const canGoOn = phase.value === "paused" && begun.value !== null && at !== null && at.step < at.steps;
  return (
    <>
      <p role="status" class="phase">
        {PHASES[phase.value]}{" "}
        {isStale.value && phase.value !== "running"
          ? "What is shown was made by another choice than the present one."
          : ""}
      </p>
      {at !== null && begun.value !== null && (
        <>
          <p class="about">{begun.value.description}</p>
          <progress value={at.step} max={at.steps} aria-label="Steps made" />
          <p class="numbers">{timeWords()}</p>
          <div class="buttons">
            {phase.value === "running" ? (
              <button type="button" onClick={() => void pause()}>
                Pause
              </button>
            ) : (
              <button type="button" disabled={!canGoOn} onClick={() => void go(null)}>
                Go on
              </button>
            )}
            <button type="button" disabled={!canGoOn} onClick={() => void go(1)}>
              One step
            </button>
          </div>
          <dl class="numbers">
            {at.numbers.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{Number.isFinite(value) ? value.toPrecision(4) : "–"}</dd>
              </div>
            ))}
          </dl>
          <Scrubber />
          {curves.value?.series.map((series) => (
            <Curve key={series.name} {...series} />
          ))}
          {ending.value !== "" && <p class="about">{ending.value}</p>}
          {judged.value !== null && <Verdict {...judged.value} />}
        </>
      )}
    </>
  );
}

/** Whether it worked: the first sentence, and the rest for who asks. */
function Verdict({ verdict, text }: Judged) {
  const end = text.search(/[.:] /);
  const [head, rest] = end === -1 ? [text, ""] : [text.slice(0, end + 1), text.slice(end + 2)];
  return (
    <details class={`verdict ${verdict.replaceAll(" ", "-")}`}>
      <summary>{head.replace(/:$/, ".")}</summary>
      <p>{rest}</p>
    </details>
  );
}

function timeWords(): string {
  const { step, steps, seconds, threads } = state.frame.value ?? { step: 0, steps: 0, seconds: 0, threads: 1 };
  const made = `${step} of ${steps}`;
  if (step === 0 || seconds === 0) return made;
  const left = ((steps - step) * seconds) / step;
  const time = state.phase.value === "running" ? `, ${durationWords(left)} left` : "";
  return `${made}, ${(step / seconds).toFixed(1)} a second${time}, ${threads === 1 ? "1 thread" : `${threads} threads`}`;
}

function durationWords(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** A slider over the images that were kept. */
function Scrubber() {
  const { begun, frame, scrubbed, phase } = state;
  const every = begun.value?.every ?? 0;
  const last = frame.value?.step ?? 0;
  if (every === 0 || last === 0) return null;
  return (
    <label class="field">
      <span>{scrubbed.value === null ? "Look at an earlier moment" : `Step ${scrubbed.value.step}`}</span>
      <input
        type="range"
        min={0}
        max={last}
        step={every}
        value={scrubbed.value?.step ?? last}
        disabled={phase.value === "running"}
        onInput={({ currentTarget }) => {
          const at = currentTarget.valueAsNumber;
          void scrubTo(at + every > last ? null : at);
        }}
      />
    </label>
  );
}
