// What to make: image, method, model, and what decides the rest. Everything that can be chosen comes from the cards of the library.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { type Choice, METHODS, type Method } from "../choice/choice.ts";
import type { Catalog, OptionCard } from "../protocol/catalog.ts";
import { begin, change, changeMethod, openFile, openPicture, reset } from "./actions.ts";
import * as state from "./state.ts";

const METHOD_WORDS: Readonly<Record<Method, readonly [name: string, help: string]>> = {
  metamer: ["Metamer", "Another image that the model takes for the same."],
  "coarse-to-fine": ["Metamer, coarse to fine", "The coarsest scale is matched first, then finer ones."],
  texture: ["Texture", "The same texture, rearranged: a preset that is known to work."],
  mad: ["MAD competition", "Four images about which two metrics disagree most."],
  eigendistortion: ["Eigendistortions", "The changes of the image that the model sees most and least."],
};

export function ChoiceForm() {
  const { catalog, choice, isBusy, phase } = state;
  const all = catalog.value;
  const { method } = choice.value;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void begin();
      }}
    >
      <fieldset disabled={all === null || isBusy.value}>
        <ImageFields />
        <Field
          label="Method"
          help={METHOD_WORDS[method][1]}
          control={(named) => (
            <select
              {...named}
              value={method}
              onChange={({ currentTarget }) => changeMethod(currentTarget.value as Method)}
            >
              {METHODS.map((one) => (
                <option key={one} value={one}>
                  {METHOD_WORDS[one][0]}
                </option>
              ))}
            </select>
          )}
        />
        {all !== null && (method === "mad" ? <MetricFields all={all} /> : <ModelFields all={all} />)}
        <div class="pair">
          <NumberField
            label={method === "eigendistortion" ? "Products at most" : "Steps"}
            name="iterations"
            least={1}
            most={10_000_000}
            isWhole
          />
          <NumberField label="Seed" name="seed" least={0} most={4294967295} isWhole />
        </div>
        <details>
          <summary>More</summary>
          {all !== null && (method === "metamer" || method === "coarse-to-fine") && <OptimizerFields all={all} />}
          {method !== "mad" && method !== "eigendistortion" && (
            <NumberField label="Weight of the penalty on values beyond 0 and 1" name="penalty" least={0} most={1e9} />
          )}
          <Field
            label="Precision"
            help="float32 is faster and less exact."
            control={(named) => (
              <select
                {...named}
                value={choice.value.dtype}
                onChange={({ currentTarget }) => change({ dtype: currentTarget.value as Choice["dtype"] })}
              >
                <option>float64</option>
                <option>float32</option>
              </select>
            )}
          />
          <label class="tick">
            <input
              type="checkbox"
              checked={choice.value.crop}
              onChange={({ currentTarget }) => change({ crop: currentTarget.checked })}
            />
            use the middle that fits
          </label>
          <button type="button" class="quiet" onClick={() => void reset()}>
            Back to the beginning
          </button>
        </details>
      </fieldset>
      <button type="submit" class="main" disabled={all === null || (isBusy.value && phase.value !== "running")}>
        {state.begun.value === null ? "Make it" : "Make it anew"}
      </button>
    </form>
  );
}

interface Named {
  readonly id: string;
  readonly "aria-describedby"?: string;
}

/** A control under its name, with a word of help. */
function Field({
  label,
  help,
  control,
}: {
  readonly label: string;
  readonly help?: string;
  /** Gets what ties it to its name and help. */
  readonly control: (named: Named) => ComponentChildren;
}) {
  const id = useId();
  const helpId = `${id}-help`;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {control(help === undefined ? { id } : { id, "aria-describedby": helpId })}
      {help !== undefined && <small id={helpId}>{help}</small>}
    </div>
  );
}

/** A number of the choice. What is no number, or out of range, changes nothing and is said by the field. */
function NumberField({
  label,
  name,
  least,
  most,
  isWhole = false,
  help,
}: {
  readonly label: string;
  readonly name: "iterations" | "seed" | "penalty" | "noise" | "k";
  readonly least: number;
  readonly most: number;
  readonly isWhole?: boolean;
  readonly help?: string;
}) {
  return (
    <Field
      label={label}
      {...(help !== undefined && { help })}
      control={(named) => (
        <input
          {...named}
          type="number"
          value={state.choice.value[name]}
          min={least}
          max={most}
          step={isWhole ? 1 : "any"}
          required
          onInput={({ currentTarget }) => {
            if (currentTarget.validity.valid) change({ [name]: currentTarget.valueAsNumber });
          }}
        />
      )}
    />
  );
}

function ImageFields() {
  const { catalog, choice, image } = state;
  const { name, sha256 } = choice.value.image;
  const isOwn = sha256 !== null;
  return (
    <>
      <Field
        label="Image"
        control={(named) => (
          <select
            {...named}
            value={isOwn ? "" : name}
            onChange={({ currentTarget }) => {
              if (currentTarget.value !== "") void openPicture(currentTarget.value);
            }}
          >
            {isOwn && <option value="">{name}</option>}
            {catalog.value?.pictures.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        )}
      />
      <label class="file">
        <span>or a file of yours: drop it, paste it, or </span>
        <input
          type="file"
          accept=".png,.jpg,.jpeg,.tif,.tiff,.webp,.pgm,.ppm,.pnm"
          onChange={({ currentTarget }) => {
            const file = currentTarget.files?.[0];
            if (file !== undefined) void openFile(file, file.name);
          }}
        />
      </label>
      {image.value !== null && (
        <p class="about">
          {image.value.plane.width} x {image.value.plane.height} pixels, {image.value.conversion}
        </p>
      )}
    </>
  );
}

function ModelFields({ all }: { readonly all: Catalog }) {
  const { choice } = state;
  const { method, model, options } = choice.value;
  const preset = all.presets.find(({ name }) => name === method);
  const card = all.models.find(({ name }) => name === (preset?.model ?? model));
  const offered = method === "coarse-to-fine" ? all.models.filter(({ hasScales }) => hasScales) : all.models;
  return (
    <>
      {preset === undefined ? (
        <Field
          label="Model"
          {...(card !== undefined && { help: `It ${card.summary}.` })}
          control={(named) => (
            <select
              {...named}
              value={model}
              onChange={({ currentTarget }) => change({ model: currentTarget.value, options: {} })}
            >
              {offered.map(({ name, className }) => (
                <option key={name} value={name}>
                  {className}
                </option>
              ))}
            </select>
          )}
        />
      ) : (
        <p class="about">
          {card?.className}: {preset.summary} ({preset.parts}).
        </p>
      )}
      {card?.options.map((option) => (
        <ModelOption key={option.name} option={option} value={options[option.name] ?? option.usual} />
      ))}
      {method === "eigendistortion" && <NumberField label="How many of each" name="k" least={1} most={16} isWhole />}
    </>
  );
}

function ModelOption({ option, value }: { readonly option: OptionCard; readonly value: number }) {
  const { name, words, help, isWhole, least, most, usual } = option;
  const set = (given: number): void => {
    const { [name]: _, ...others } = state.choice.value.options;
    change({ options: given === usual ? others : { ...others, [name]: given } });
  };
  return (
    <Field
      label={words}
      help={help}
      control={(named) => (
        <input
          {...named}
          type="number"
          value={value}
          min={least}
          {...(most !== null && { max: most })}
          step={isWhole ? 1 : "any"}
          required
          onInput={({ currentTarget }) => {
            if (currentTarget.validity.valid) set(currentTarget.valueAsNumber);
          }}
        />
      )}
    />
  );
}

function MetricFields({ all }: { readonly all: Catalog }) {
  const { choice } = state;
  const metric = (label: string, name: "optimized" | "reference") => (
    <Field
      label={label}
      help={all.metrics.find((one) => one.name === choice.value[name])?.summary ?? ""}
      control={(named) => (
        <select
          {...named}
          value={choice.value[name]}
          onChange={({ currentTarget }) => change({ [name]: currentTarget.value })}
        >
          {all.metrics.map((one) => (
            <option key={one.name} value={one.name}>
              {one.distance}
            </option>
          ))}
        </select>
      )}
    />
  );
  return (
    <>
      {metric("First metric", "optimized")}
      {metric("Second metric", "reference")}
      <NumberField label="Noise to start with" name="noise" least={1e-6} most={10} help="standard deviation" />
    </>
  );
}

function OptimizerFields({ all }: { readonly all: Catalog }) {
  const { choice } = state;
  const { optimizer, learningRate } = choice.value;
  return (
    <>
      <Field
        label="Optimizer"
        help={all.optimizers.find(({ name }) => name === optimizer)?.summary ?? ""}
        control={(named) => (
          <select
            {...named}
            value={optimizer}
            onChange={({ currentTarget }) => change({ optimizer: currentTarget.value, learningRate: null })}
          >
            {all.optimizers.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        )}
      />
      <Field
        label="Learning rate"
        help="Empty: as usual for the optimizer."
        control={(named) => (
          <input
            {...named}
            type="number"
            value={learningRate ?? ""}
            min={0}
            step="any"
            onInput={({ currentTarget }) => {
              const { validity, valueAsNumber } = currentTarget;
              if (validity.valid) change({ learningRate: valueAsNumber > 0 ? valueAsNumber : null });
            }}
          />
        )}
      />
    </>
  );
}
