// A page with all stimuli of a sweep: small pictures with what varies, filters, and links to their files. It needs no server and nothing
// from elsewhere. Pictures are loaded as they come into view, so that thousands can be on it.

import type { Job } from "./jobs.ts";
import type { Outcome } from "./outcome.ts";
import type { Sweep } from "./sweepFolder.ts";

/** A stimulus that was made. */
export interface Collected {
  readonly job: Job;
  readonly outcome: Outcome;
  /** Its folder, as seen from that of the sweep, with slashes. */
  readonly folder: string;
}

/** A value of more kinds than this is searched for, and not chosen from a list. */
const MOST_VALUES = 60;

export function contactSheet(title: string, { varying }: Sweep, made: readonly Collected[]): string {
  const names = varying.filter((name) => made.some(({ job }) => job.parameters[name] !== undefined));
  const filters = [...names, "verdict"].map((name) => filterOf(name, made)).join("");
  const cards = made.map((one, i) => cardOf(one, names, i)).join("\n");
  const bad = made.filter(({ outcome }) => !outcome.isGood).length;
  const shared = made.filter(({ job }) => job.sharesStart).length;
  const facts = [
    `${made.length} ${made.length === 1 ? "stimulus" : "stimuli"}`,
    bad === 0 ? "all as they should be" : `${bad} not as they should be, marked below`,
    ...(shared === 0 ? [] : [`${shared} share their start with others`]),
  ];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)}</title>
<style>${STYLE}</style>
<header>
<h1>${text(title)}</h1>
<p>${text(facts.join("; "))}. The table is <a href="stimuli.csv">stimuli.csv</a>, all recipes are in <a href="manifest.json">manifest.json</a>.</p>
<form id="filters">
${filters}
<label>find <input type="search" name=":find" placeholder="part of a name"></label>
<label>order <select name=":order"><option value="">as planned</option><option value="loss">loss, largest first</option><option value="clipped">clipped values, most first</option></select></label>
<label>size <input type="range" name=":size" min="80" max="320" value="160"></label>
<label class="check"><input type="checkbox" name=":good"> leave out those that are not as they should be</label>
<output id="count"></output>
</form>
</header>
<main id="sheet">
${cards}
</main>
<script>${SCRIPT}</script>
</html>
`;
}

function filterOf(name: string, made: readonly Collected[]): string {
  const values = [...new Set(made.map((one) => toldOf(one, name)))];
  if (values.length < 2 || values.length > MOST_VALUES) return "";
  const options = values.map((value) => `<option>${text(value)}</option>`).join("");
  return `<label>${text(name)} <select name="${text(name)}"><option value="">all</option>${options}</select></label>\n`;
}

const toldOf = ({ job, outcome }: Collected, name: string): string =>
  name === "verdict" ? outcome.verdict : (job.parameters[name] ?? "");

function cardOf(one: Collected, names: readonly string[], index: number): string {
  const { job, outcome, folder } = one;
  const values = Object.fromEntries([...names, "verdict"].map((name) => [name, toldOf(one, name)]));
  const at = (file: string): string => text(`${folder.split("/").map(encodeURIComponent).join("/")}/${file}`);
  const told = names.map((name) => `<dt>${text(name)}</dt><dd>${text(values[name])}</dd>`).join("");
  const seed = names.includes("seed") ? "" : `<dt>seed</dt><dd>${job.seed}</dd>`;
  const loss = outcome.loss === null ? "" : `<dt>loss</dt><dd>${outcome.loss.toExponential(2)}</dd>`;
  const clipped =
    outcome.clipped === null || outcome.clipped === 0 ? "" : `<dt>clipped</dt><dd>${outcome.clipped}</dd>`;
  const picture =
    outcome.picture === null
      ? '<span class="none">no picture</span>'
      : `<a href="${at(outcome.picture)}"><img loading="lazy" decoding="async" alt="${text(job.name)}" src="${at(outcome.picture)}"></a>`;
  const shared = job.sharesStart
    ? '<span class="shared" title="others have the same starting image">shared start</span>'
    : "";
  return (
    `<article class="${outcome.isGood ? "good" : "bad"}" data-i="${index}" data-loss="${outcome.loss ?? ""}" data-clipped="${outcome.clipped ?? ""}" ` +
    `data-values="${text(JSON.stringify(values))}" data-name="${text(job.name)}">` +
    `<div class="picture">${picture}</div>` +
    `<p class="verdict" title="${text(outcome.words)}">${text(outcome.verdict)}${shared}</p>` +
    `<dl>${told}${seed}${loss}${clipped}</dl>` +
    `<p class="links"><a href="${at("")}">folder</a> <a href="${at("recipe.json")}">recipe</a> <a href="${at("result.npy")}">exact</a></p></article>`
  );
}

function text(value: string): string {
  const names: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return value.replaceAll(/[&<>"']/g, (letter) => names[letter]);
}

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d4d4d4, #444); --faint: light-dark(#5c5c5c, #a8a8a8); --bad: light-dark(#b3261e, #ff8a80);
  --back: light-dark(#fff, #181818); --size: 160px; }
body { margin: 0; font: 14px/1.4 system-ui, sans-serif; background: var(--back); }
header { position: sticky; top: 0; z-index: 1; background: var(--back); border-bottom: 1px solid var(--line); padding: 12px 20px; }
h1 { font-size: 20px; margin: 0; overflow-wrap: anywhere; }
header p { margin: 2px 0 10px; color: var(--faint); }
form { display: flex; flex-wrap: wrap; gap: 6px 16px; align-items: center; }
label { display: inline-flex; gap: 6px; align-items: center; }
select, input[type="search"] { font: inherit; max-width: 14em; }
output { margin-left: auto; color: var(--faint); }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(calc(var(--size) + 14px), 1fr)); gap: 16px; padding: 20px; }
article { content-visibility: auto; contain-intrinsic-size: auto 290px; border: 1px solid var(--line); border-radius: 4px; padding: 6px; font-size: 12px; }
article.bad { border-color: var(--bad); }
article.bad .verdict { color: var(--bad); font-weight: 600; }
article.bad .verdict::before { content: "\\2717\\00a0"; }
.picture { height: var(--size); display: flex; align-items: center; justify-content: center; }
.picture a { display: contents; }
img { width: 100%; height: 100%; object-fit: contain; image-rendering: pixelated; }
.none, .shared, dt, .links { color: var(--faint); }
.shared { float: right; font-weight: 400; border-bottom: 1px dotted; }
.verdict { margin: 6px 0 2px; }
dl { display: grid; grid-template-columns: auto 1fr; gap: 0 8px; margin: 0; }
dd { margin: 0; text-align: right; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.links { margin: 4px 0 0; display: flex; gap: 10px; }
a { color: light-dark(#0b57d0, #8ab4f8); }
[hidden] { display: none; }
@media (max-width: 600px) { header { position: static; } }
@media print { header { position: static; } form { display: none; } }
`;

/** What the filters do. Values stand in the cards; nothing is fetched. */
const SCRIPT = `
const form = document.getElementById("filters"), sheet = document.getElementById("sheet"), count = document.getElementById("count");
const cards = [...sheet.children].map((card) => ({ card, name: card.dataset.name.toLowerCase(), values: JSON.parse(card.dataset.values),
  good: card.classList.contains("good"), i: +card.dataset.i, loss: +(card.dataset.loss || -1), clipped: +(card.dataset.clipped || -1) }));
let order = "";
function show() {
  const asked = Object.fromEntries(new FormData(form));
  const find = asked[":find"].toLowerCase(), good = asked[":good"] !== undefined;
  const wanted = Object.entries(asked).filter(([name, value]) => !name.startsWith(":") && value !== "");
  document.documentElement.style.setProperty("--size", asked[":size"] + "px");
  let shown = 0;
  for (const one of cards) {
    const fits = (!good || one.good) && one.name.includes(find) && wanted.every(([name, value]) => one.values[name] === value);
    one.card.hidden = !fits;
    if (fits) shown++;
  }
  if (asked[":order"] !== order) {
    order = asked[":order"];
    const sorted = order === "" ? cards.slice().sort((a, b) => a.i - b.i) : cards.slice().sort((a, b) => b[order] - a[order] || a.i - b.i);
    sheet.append(...sorted.map(({ card }) => card));
  }
  count.textContent = shown === cards.length ? cards.length + " shown" : shown + " of " + cards.length + " shown";
}
form.addEventListener("input", show);
form.addEventListener("submit", (event) => event.preventDefault());
show();
`;
