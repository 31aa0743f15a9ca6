// What is made beside what it was made from: side by side, or alternating at one place.

import { useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Made, Plane } from "../protocol/messages.ts";
import { zoomBy } from "./keys.ts";
import { Picture, Thumb } from "./Picture.tsx";
import { asLight, asStored, differenceOf, largestOf, type Shade, shadeOfDifference, sumOf } from "./picture.ts";
import * as state from "./state.ts";

/** More changes a second than these can harm people who are sensitive to flicker. */
const SAFE_RATE = 3;

export function Pictures() {
  const target = state.begun.value?.target ?? state.image.value?.plane ?? null;
  const made = useComputed<readonly Made[]>(() => state.scrubbed.value?.made ?? state.frame.value?.made ?? []);
  const chosen = made.value[Math.min(state.chosenMade.value, made.value.length - 1)];
  if (target === null) return <p class="empty">{state.phase.value === "loading" ? "Loading…" : "No image is open."}</p>;
  const shade = state.isLinearLight.value ? asLight : asStored;
  return (
    <>
      <Toolbar hasMade={chosen !== undefined} />
      {made.value.length > 1 && <MadeTabs made={made.value} />}
      {chosen === undefined ? (
        <div class="places one">
          <Titled title="Target" plane={target} shade={shade} />
        </div>
      ) : state.view.value === "alternating" ? (
        <Alternating target={target} made={chosen} shade={shade} />
      ) : (
        <SideBySide target={target} made={chosen} shade={shade} />
      )}
      <Values target={target} made={chosen} />
    </>
  );
}

/** The image that is looked at: what was made, or the target with a change. */
function imageOf(target: Plane, { plane, isChange }: Made): Plane {
  return isChange ? sumOf(target, plane, state.strength.value) : plane;
}

interface Compared {
  readonly target: Plane;
  readonly made: Made;
  readonly shade: Shade;
}

function SideBySide({ target, made, shade }: Compared) {
  const image = imageOf(target, made);
  const difference = made.isChange ? made.plane : differenceOf(image, target);
  const largest = largestOf(difference);
  const title = made.isChange ? "The change itself" : "Difference";
  return (
    <div class="places">
      <Titled title="Target" plane={target} shade={shade} />
      <Titled
        title={made.isChange ? `Target and ${state.strength.value} times the change` : made.title}
        plane={image}
        shade={shade}
      />
      <Titled
        title={`${title}, gray for none, up to ${largest.toPrecision(3)}`}
        plane={difference}
        shade={shadeOfDifference(largest)}
      />
    </div>
  );
}

function Titled({ title, plane, shade }: { readonly title: string; readonly plane: Plane; readonly shade: Shade }) {
  return (
    <figure>
      <Picture plane={plane} shade={shade} label={`${title}, ${plane.width} x ${plane.height} pixels`} />
      <figcaption>{title}</figcaption>
    </figure>
  );
}

/** One image after the other at one place, so that the eye sees what changes. */
function Alternating({ target, made, shade }: Compared) {
  const turn = useSignal(0);
  const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const { rate, withBlank } = state;
  useEffect(() => {
    if (isStill) return undefined;
    const timer = setInterval(() => {
      turn.value++;
    }, 1000 / rate.value);
    return () => clearInterval(timer);
  }, [rate.value, isStill]);
  const turns = withBlank.value ? 4 : 2;
  const at = turn.value % turns;
  const isBlank = withBlank.value && at % 2 === 1;
  const isTarget = at === 0;
  const image = isBlank ? grayOf(target) : isTarget ? target : imageOf(target, made);
  const title = isBlank ? "Blank" : isTarget ? "Target" : made.title;
  return (
    <>
      <div class="places one">
        <figure>
          <Picture plane={image} shade={shade} label={`Target and ${made.title}, alternating`} />
          <figcaption aria-live="off">{title}</figcaption>
        </figure>
      </div>
      <div class="toolbar">
        {isStill ? (
          <button
            type="button"
            onClick={() => {
              turn.value++;
            }}
          >
            Switch
          </button>
        ) : (
          <RateField />
        )}
        <label class="tick">
          <input
            type="checkbox"
            checked={withBlank.value}
            onChange={({ currentTarget }) => {
              withBlank.value = currentTarget.checked;
            }}
          />
          gray in between
        </label>
      </div>
    </>
  );
}

function grayOf({ height, width, values }: Plane): Plane {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { height, width, values: new Float64Array(values.length).fill(mean) };
}

/** Changes a second. Fast ones only for those who said that they bear them. */
function RateField() {
  const bears = useSignal(false);
  const { rate } = state;
  const most = bears.value ? 10 : SAFE_RATE;
  return (
    <>
      <label class="inline">
        {rate.value} changes a second
        <input
          type="range"
          min={0.5}
          max={most}
          step={0.5}
          value={rate.value}
          onInput={({ currentTarget }) => {
            rate.value = currentTarget.valueAsNumber;
          }}
        />
      </label>
      <label class="tick">
        <input
          type="checkbox"
          checked={bears.value}
          onChange={({ currentTarget }) => {
            bears.value = currentTarget.checked;
            if (!currentTarget.checked) rate.value = Math.min(rate.value, SAFE_RATE);
          }}
        />
        more than {SAFE_RATE} (flicker can cause seizures)
      </label>
    </>
  );
}

function Toolbar({ hasMade }: { readonly hasMade: boolean }) {
  const { view, zoom, fitted, isLinearLight, frame, strength } = state;
  const now = zoom.value ?? fitted.value;
  const isFractional = !Number.isInteger(devicePixelRatio);
  const isChange = frame.value?.made.some((one) => one.isChange) === true;
  return (
    <div class="toolbar">
      <fieldset class="switch" disabled={!hasMade}>
        <legend class="hidden">How to compare</legend>
        {(["side-by-side", "alternating"] as const).map((one) => (
          <label key={one}>
            <input
              type="radio"
              name="view"
              checked={view.value === one}
              onChange={() => {
                view.value = one;
              }}
            />
            {one === "side-by-side" ? "Side by side" : "Alternating"}
          </label>
        ))}
      </fieldset>
      <span class="zoom">
        <button type="button" aria-label="Fewer pixels of the screen for each pixel" onClick={() => zoomBy(-1)}>
          −
        </button>
        <button
          type="button"
          class="quiet"
          title="As large as fits"
          onClick={() => {
            zoom.value = null;
          }}
        >
          {now >= 1 ? `${now} : 1` : `1 : ${Math.round(1 / now)}`}
        </button>
        <button type="button" aria-label="More pixels of the screen for each pixel" onClick={() => zoomBy(1)}>
          +
        </button>
      </span>
      {isFractional && (
        <span class="about">
          This screen has {devicePixelRatio.toFixed(2)} device pixels for each of the page. Pictures are shown in whole
          device pixels.{" "}
          <button
            type="button"
            class="quiet"
            onClick={() => {
              zoom.value = 1;
            }}
          >
            Exact size
          </button>
        </span>
      )}
      <label class="tick">
        <input
          type="checkbox"
          checked={isLinearLight.value}
          onChange={({ currentTarget }) => {
            isLinearLight.value = currentTarget.checked;
          }}
        />
        values are light
      </label>
      {isChange && (
        <label class="inline">
          strength {strength.value}
          <input
            type="range"
            min={0}
            max={50}
            step={0.5}
            value={strength.value}
            onInput={({ currentTarget }) => {
              strength.value = currentTarget.valueAsNumber;
            }}
          />
        </label>
      )}
    </div>
  );
}

/** Which of several images is looked at: the four of a competition in their square. */
function MadeTabs({ made }: { readonly made: readonly Made[] }) {
  const { chosenMade } = state;
  return (
    <fieldset class={made.length === 4 ? "tabs square" : "tabs"}>
      <legend class="hidden">Which image</legend>
      {made.map(({ name, title, plane, isChange }, i) => (
        <label key={name} class={chosenMade.value === i ? "chosen" : ""}>
          <input
            type="radio"
            name="made"
            checked={chosenMade.value === i}
            onChange={() => {
              chosenMade.value = i;
            }}
          />
          <span class="thumb">
            <Thumb plane={plane} shade={isChange ? shadeOfDifference(largestOf(plane)) : asStored} />
          </span>
          <span>{title}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** The numbers under the pointer. */
function Values({ target, made }: { readonly target: Plane; readonly made: Made | undefined }) {
  const at = state.pointed.value;
  const text = (plane: Plane): string => {
    const value = at === null ? Number.NaN : plane.values[at.row * plane.width + at.column];
    return Number.isNaN(value) ? "" : value.toFixed(5);
  };
  return (
    <p class="values" aria-live="off">
      {at === null
        ? "Point at a pixel to see its values."
        : `row ${at.row}, column ${at.column}: target ${text(target)}${made === undefined ? "" : `, ${made.isChange ? "change" : made.name} ${text(made.plane)}`}`}
    </p>
  );
}
