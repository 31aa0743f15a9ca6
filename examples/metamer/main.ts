// The page: settings, the pictures, and what came out.

import * as po from "plenoptic-js";
import { clear, draw, placeAll } from "./canvas.ts";
import { findMaker, type Maker } from "./maker.ts";
import { pngOf } from "./png.ts";
import { inWords, Problem, whyUnfit } from "./problem.ts";
import {
  type ModelName,
  type Picture,
  pictureOf,
  type Report,
  type Settings,
  type Target,
  targetOf,
} from "./synthesis.ts";

const PICTURES = ["house", "boats", "acanthus", "sheep", "brick", "gravel", "grass"] as const;

/** The canvases beside the target's. */
const OTHERS = ["metamer", "seen-target", "seen-metamer"] as const;

/** What the captions say of a model's view. */
const VIEWS: Record<ModelName, string> = {
  gaussian: "blurred",
  "on-off": "bright where the on channel answers more, dark where off does",
};

function element<T extends Element>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the page has no ${type.name} "${id}"`);
  return found;
}

const form = element("settings", HTMLFormElement);
const fields = element("fields", HTMLFieldSetElement);
const picture = element("picture", HTMLSelectElement);
const file = element("file", HTMLInputElement);
const model = element("model", HTMLSelectElement);
const std = element("std", HTMLInputElement);
const iterations = element("iterations", HTMLInputElement);
const seed = element("seed", HTMLInputElement);
const start = element("start", HTMLButtonElement);
const stop = element("stop", HTMLButtonElement);
const save = element("save", HTMLButtonElement);
const progress = element("progress", HTMLProgressElement);
const status = element("status", HTMLElement);
const problem = element("problem", HTMLElement);
const canvas = (id: string): HTMLCanvasElement => element(id, HTMLCanvasElement);

function write(id: string, text: string): void {
  element(id, HTMLElement).textContent = text;
}

/** What the fields ask for. */
interface Wish {
  readonly name: string;
  readonly settings: Settings;
}

async function chosenTarget(maker: Maker): Promise<Target> {
  const chosen = file.files?.[0];
  if (chosen !== undefined) return maker.load(chosen);
  return targetOf(await po.data[picture.value as (typeof PICTURES)[number]]({ dtype: "float64" }));
}

async function readFields(maker: Maker): Promise<Wish> {
  const name = file.files?.[0]?.name ?? picture.value;
  const settings: Settings = {
    target: await chosenTarget(maker),
    model: model.value as ModelName,
    std: std.valueAsNumber,
    iterations: iterations.valueAsNumber,
    seed: seed.valueAsNumber,
  };
  return { name, settings };
}

/** The same in Node: what makes the result, as a command. */
function commandOf({ name, settings }: Wish, made: number): string {
  const { model, std, seed } = settings;
  const quoted = /^[\w.][\w.-]*$/.test(name) ? name : `'./${name.replaceAll("'", "'\\''")}'`;
  const blur = model === "gaussian" ? ` --std ${std}` : "";
  return `npx plenoptic metamer ${quoted} --model ${model}${blur} --seed ${seed} --iterations ${made}`;
}

function showProblem(error: unknown): void {
  problem.textContent = inWords(error);
}

/** Takes away what a former run, or one that failed, has left. */
function clearResult(): void {
  saved = undefined;
  save.disabled = true;
  progress.value = 0;
  problem.textContent = "";
  for (const id of ["hash", "command", "iteration", "loss", "threads"]) write(id, "–");
  for (const id of OTHERS) clear(canvas(id));
  element("curve", HTMLElement).replaceChildren();
}

function drawTarget(target: Target): void {
  const place = canvas("target");
  draw(place, pictureOf(target));
  place.ariaLabel = `The target image, ${target.width} x ${target.height} pixels`;
  for (const id of OTHERS) clear(canvas(id), target);
}

async function showTarget(maker: Maker): Promise<void> {
  clearResult();
  status.textContent = "Ready.";
  try {
    const target = await chosenTarget(maker);
    drawTarget(target);
    problem.textContent = whyUnfit(target) ?? "";
  } catch (error) {
    clear(canvas("target"));
    showProblem(error);
  }
}

function show(report: Report, { settings }: Wish, { where }: Maker): void {
  const { iteration, loss, threads } = report;
  if (status.textContent !== "Running.") status.textContent = "Running.";
  progress.value = iteration / settings.iterations;
  write("iteration", `${iteration} of ${settings.iterations}`);
  write("loss", loss.toExponential(3));
  write("threads", `${threads}, in ${where === "worker" ? "a worker" : "the page itself"}`);
  draw(canvas("metamer"), report.metamer);
  draw(canvas("seen-target"), report.seenTarget);
  draw(canvas("seen-metamer"), report.seenMetamer);
  element("curve", HTMLElement).innerHTML = report.curve;
}

/** What the button saves. */
let saved: { readonly name: string; readonly picture: Picture } | undefined;

async function run(maker: Maker): Promise<void> {
  clearResult();
  start.disabled = true;
  fields.disabled = true;
  stop.disabled = false;
  stop.focus();
  status.textContent = "Compiling…";
  try {
    const wish = await readFields(maker);
    const { target } = wish.settings;
    drawTarget(target);
    const unfit = whyUnfit(target);
    if (unfit !== undefined) throw new Problem(unfit);
    const result = await maker.make(wish.settings, (report) => show(report, wish, maker));
    show(result, wish, maker);
    const { iteration, hash, metamer } = result;
    status.textContent = iteration < wish.settings.iterations ? "Stopped." : "Done.";
    write("hash", hash);
    write("command", commandOf(wish, iteration));
    saved = { name: `metamer-${wish.name.replace(/\.\w+$/, "")}-${wish.settings.model}.png`, picture: metamer };
  } catch (error) {
    clearResult();
    status.textContent = "It did not work.";
    showProblem(error);
  }
  start.disabled = false;
  save.disabled = saved === undefined;
  fields.disabled = false;
  start.focus();
  stop.disabled = true;
}

async function savePicture(): Promise<void> {
  if (saved === undefined) return;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await pngOf(saved.picture));
  link.download = saved.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function showModel(): void {
  element("blur", HTMLElement).hidden = model.value !== "gaussian";
  for (const caption of document.querySelectorAll(".view")) caption.textContent = VIEWS[model.value as ModelName];
  for (const id of ["seen-target", "seen-metamer"]) clear(canvas(id));
}

async function begin(): Promise<void> {
  for (const name of PICTURES) picture.add(new Option(name));
  showModel();
  write("isolated", crossOriginIsolated ? "yes" : "no, so there is one thread");
  const maker = await findMaker();
  addEventListener("resize", placeAll);
  await showTarget(maker);
  picture.addEventListener("change", () => {
    file.value = "";
    void showTarget(maker);
  });
  file.addEventListener("change", () => void showTarget(maker));
  model.addEventListener("change", showModel);
  std.addEventListener("input", () => write("std-shown", std.value));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void run(maker);
  });
  stop.addEventListener("click", () => maker.stop());
  save.addEventListener("click", () => void savePicture());
  start.disabled = false;
  status.textContent = "Ready.";
}

void begin();
