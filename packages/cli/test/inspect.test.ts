// `plenoptic inspect`.

import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { runCommand } from "../src/program.ts";
import { fakeTerminal } from "./fakeTerminal.ts";

const sample = (file: string): string => fileURLToPath(new URL(`../../formats/test/data/pt/${file}`, import.meta.url));

async function inspect(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const terminal = fakeTerminal();
  const code = await runCommand(["inspect", ...args], terminal);
  return { code, out: terminal.out.text, err: terminal.err.text };
}

it("prints what a saved file holds", async () => {
  const { code, out, err } = await inspect(sample("2.1.0/mad_sgd_plateau_f32.pt"));
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(/synthesis_object +plenoptic\.MADCompetition\n/);
  expect(out).toMatch(/scheduler +torch\.optim\.lr_scheduler\.ReduceLROnPlateau\n/);
  expect(out).toMatch(/mad_image +float32 +\[1, 1, 32, 32\]/);
});

it("notes the Python objects of old files", async () => {
  const { code, out, err } = await inspect(sample("1.1.0/metamer_sgd_explr_f32.pt"));
  expect(code).toBe(0);
  expect(out).toMatch(/optimizer +torch\.optim\.sgd\.SGD\n/);
  expect(err).toMatch(/^note: .*kept by name and are never run\n$/);
});

it("says what shows the files that it does not", async () => {
  expect(await inspect("x.npy")).toEqual({
    code: 2,
    out: "",
    err:
      "error: x.npy: inspect shows .pt files, PNG files and recipes; plenoptic convert x.npy x.pt prints what arrays there are, and plenoptic inspect x.pt " +
      "then shows their ranges\n",
  });
  expect((await inspect("x.jpg")).err).toMatch(
    /inspect shows the PNG files of this program; plenoptic compare x\.jpg x\.jpg shows/,
  );
});

it("prints JSON", async () => {
  const { code, out } = await inspect("--json", sample("HEAD/eig_init_only_f32.pt"));
  expect(code).toBe(0);
  const { file, warnings, metadata, callables, tensors, others } = JSON.parse(out);
  expect(file).toMatch(/eig_init_only_f32\.pt$/);
  expect(warnings).toEqual([]);
  expect(metadata[2]).toEqual({ name: "synthesis_object", value: "plenoptic.Eigendistortion" });
  expect(callables[0]).toMatchObject({ name: "model", inputs: [{ name: "image" }] });
  expect(tensors[0]).toMatchObject({ dtype: "float32", nans: 0, location: "cpu" });
  expect(tensors[0].range[0]).toBeLessThan(tensors[0].range[1]);
  expect(others).toContainEqual({ name: "jacobian", value: "None" });
});

it("prints the one value of a file without a dictionary", async () => {
  const { code, out } = await inspect(sample("format/int_top.pt"));
  expect([code, out]).toEqual([0, expect.stringMatching(/^Others\n {2}value {2}\d+\n$/)]);
});

it("says that there is nothing", async () => {
  const { code, out } = await inspect(sample("../cases/empty.pt"));
  expect([code, out]).toEqual([0, "It holds nothing: an empty dictionary or list.\n"]);
});

it("prints the items of a list, and names objects", async () => {
  expect((await inspect(sample("../cases/list_of_tensors.pt"))).out).toMatch(/^Tensors\n {2}0 .*\n {2}1 .*\n$/);
  const { out, err } = await inspect(sample("../cases/argparse.pt"));
  expect(out).toMatch(/args +argparse\.Namespace/);
  expect(err).toMatch(/^note: .*argparse\.Namespace.*never run\n$/);
});

it("refuses hostile files in one line", async () => {
  const { code, out, err } = await inspect(sample("hostile/exec_os_system.pt"));
  expect([code, out]).toEqual([2, ""]);
  expect(err).toMatch(/^error: .*exec_os_system\.pt: it refers to "os\.system", .*Nothing was run\n$/);
});
