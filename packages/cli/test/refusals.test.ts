// What a new user gets wrong: one clear line, exit code 2, no stack trace, nothing written.

import { readdir, writeFile } from "node:fs/promises";
import { makePng } from "@plenoptic-js/proof/files/makePng";
import { MemoryError } from "@plenoptic-js/tensor";
import { warnings } from "plenoptic-js";
import { describe, expect, it } from "vitest";
import { explain, Interrupted, UserError } from "../src/failure.ts";
import { runCommand } from "../src/program.ts";
import { printWarnings } from "../src/warnings.ts";
import { fakeStream, fakeTerminal } from "./fakeTerminal.ts";
import { useWorkFolder } from "./workFolder.ts";

useWorkFolder();

function gray(width: number, height: number): Uint8Array {
  return makePng({ width, height, depth: 8, colourType: 0, samples: new Uint8Array(width * height).fill(100) });
}

/** The files each case finds, before the command runs. */
async function writeInputs(): Promise<string[]> {
  const files: Record<string, Uint8Array | string> = {
    "good.png": gray(24, 20),
    "tiny.png": gray(1, 1),
    "text.png": "Dear diary,\nnot a picture.\n",
    "empty.png": "",
    "half.png": gray(24, 20).subarray(0, 60),
    "huge.png": makePng({ width: 4_000_000, height: 3_000_000, depth: 8, colourType: 0, imageData: new Uint8Array(9) }),
    "huge.pgm": "P5 99999999 99999999 255\n",
    "photo.jpg": new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 16]),
    "recipe.json": "{}",
  };
  for (const [name, content] of Object.entries(files)) await writeFile(name, content);
  return Object.keys(files).sort();
}

const quick = ["--kernel-size", "5", "--iterations", "2"];

const cases: readonly [what: string, args: string[], line: RegExp][] = [
  ["a missing file", ["metamer", "nothing.png"], /^error: nothing\.png: there is no such file$/],
  [
    "a mistyped picture",
    ["metamer", "hosue"],
    /there is no file "hosue" and no shipped picture .*did you mean "house"\?/,
  ],
  ["a folder", ["metamer", "."], /this is a folder/],
  ["a text file named .png", ["metamer", "text.png"], /text\.png: .*looks like text: "Dear diary/],
  ["an empty file", ["metamer", "empty.png"], /empty\.png: the file is empty/],
  ["half a file", ["metamer", "half.png"], /half\.png: /],
  ["a JPEG that ends too early", ["metamer", "photo.jpg"], /photo\.jpg: /],
  ["a huge header", ["metamer", "huge.png"], /huge\.png: 4000000 x 3000000 pixels; at most/],
  ["a huge PGM header", ["metamer", "huge.pgm"], /huge\.pgm: /],
  [
    "a 1x1 image",
    ["metamer", "tiny.png"],
    /tiny\.png is 1 x 1 pixels, and gaussian .* needs at least 16 x 16; .*smaller --kernel-size/,
  ],
  [
    "an image smaller than the kernel",
    ["metamer", "good.png", "--kernel-size", "40"],
    /24 x 20 pixels, .*at least 21 x 21/,
  ],
  ["an unknown model", ["metamer", "good.png", "--model", "gausian"], /no model "gausian"; did you mean "gaussian"\?/],
  [
    "an option of another model",
    ["metamer", "good.png", "--model", "linear", "--std", "2"],
    /linear has no option --std/,
  ],
  [
    "a word for a number",
    ["metamer", "good.png", "--iterations", "ten"],
    /--iterations.* 'ten' .* whole number from 1/,
  ],
  ["no iterations", ["metamer", "good.png", "--iterations", "0"], /--iterations.* '0' .* whole number from 1/],
  ["a mistyped option", ["metamer", "good.png", "--itterations", "5"], /'--itterations' .*Did you mean --iterations\?/],
  ["an option without its value", ["metamer", "good.png", "--seed"], /--seed.* argument missing/],
  [
    "an option in the place of a number",
    ["metamer", "good.png", "--seed", "--model", "gaussian"],
    /option '--seed <n>' lacks its value: --model stands in its place; give the value, or leave --seed out \(.*--seed=--model\)$/,
  ],
  [
    "an option in the place of a name",
    ["metamer", "good.png", "--model", "--crop"],
    /option '--model <name>' lacks its value: --crop stands in its place/,
  ],
  [
    "an option in the place of a folder",
    ["represent", "good.png", "--out", "--overwrite"],
    /option '--out <folder>' lacks its value: --overwrite stands/,
  ],
  [
    "a mistyped option in the place of a value",
    ["--debug", "mad", "--optimized", "--refernce=mse", "good.png"],
    /option '--optimized <.*>' lacks its value: --refernce=mse stands/,
  ],
  ["help in the place of a value", ["mad", "--noise", "-h"], /option '--noise <x>' lacks its value: -h stands/],
  [
    "an option in the place of one of many values",
    ["metamer", "good.png", "--optimizer", "SGD", "--optimizer-option", "lr=1", "--optimizer-option", "--stop"],
    /option '--optimizer-option <.*>' lacks its value: --stop stands/,
  ],
  ["an unknown dtype", ["metamer", "good.png", "--dtype", "float16"], /'float16' is invalid.*float64, float32/],
  ["no threads", ["metamer", "good.png", "--threads", "0"], /--threads.* '0' .* whole number from 1 to 64/],
  ["a negative seed", ["metamer", "good.png", "--seed", "-1"], /--seed.* '-1' .* whole number from 0 to 4294967295/],
  ["a negative penalty", ["metamer", "good.png", "--penalty-lambda", "-1"], /--penalty-lambda.* '-1' .* 0 or more/],
  ["a limit below 0", ["metamer", "good.png", "--matched-below", "-1"], /--matched-below.* '-1' .* 0 or more/],
  ["a limit in words", ["mad", "good.png", "--held-within", "little"], /--held-within.* 'little' .* 0 or more/],
  ["a limit of another method", ["mad", "good.png", "--matched-below", "0.1"], /unknown option '--matched-below'/],
  ["a limit where there is none", ["eigendistortion", "good.png", "--settled-change", "1"], /unknown option/],
  ["a wrong stop rule", ["metamer", "good.png", "--stop", "never"], /--stop.* 'never' .*"off" or a number/],
  ["an empty folder name", ["metamer", "good.png", "--out", ""], /--out.* name of a folder/],
  ["a folder inside a file", ["metamer", "good.png", "--out", "text.png/made"], /text\.png is a file/],
  [
    "a folder that would lose files",
    ["metamer", "good.png", "--out", "."],
    /recipe\.json is there already; .*--overwrite/,
  ],
  [
    "a loss that overflows",
    ["metamer", "good.png", ...quick, "--learning-rate", "1e200"],
    /Nothing was written\..* smaller --learning-rate helps\.$/,
  ],
  ["a negative relative stop rule", ["metamer", "good.png", "--stop-rtol", "-1"], /--stop-rtol.* '-1' .* above 0/],
  ["no seconds", ["metamer", "good.png", "--max-seconds", "0"], /--max-seconds.* '0' .* above 0/],
  ["an unknown way", ["metamer", "good.png", "--coarse-to-fine", "up"], /'up' is invalid.*together, separate/],
  [
    "scales of a model that has none",
    ["metamer", "good.png", "--kernel-size", "5", "--coarse-to-fine", "together"],
    /gaussian .* has no scales for --coarse-to-fine; choose --model portilla-simoncelli/,
  ],
  [
    "a rule of scales without scales",
    ["metamer", "good.png", "--scale-iterations", "5"],
    /--scale-iterations is about scales; add --coarse-to-fine together/,
  ],
  [
    "a stop rule that comes before the scales",
    ["metamer", "good.png", "--coarse-to-fine", "together", "--stop", "0.5"],
    /--stop 0\.5 would end the work .* less than --change-scale-criterion, which is 0\.01/,
  ],
  ["a missing file for mad", ["mad", "nothing.png"], /^error: nothing\.png: there is no such file$/],
  ["an unknown metric", ["mad", "good.png", "--optimized", "sim"], /no metric "sim"; did you mean "ssim"\?/],
  ["a metric without its file", ["mad", "good.png", "--reference", "./m.mjs"], /\.\/m\.mjs: there is no such file/],
  ["a metric against itself", ["mad", "good.png", "--optimized", "mse"], /both metrics are called mse/],
  ["an unknown direction", ["mad", "good.png", "--direction", "up"], /'up' is invalid.*min, max/],
  ["a negative weight", ["mad", "good.png", "--weight", "-1"], /--weight.* '-1' .* 0 or more/],
  ["no noise", ["mad", "good.png", "--noise", "0"], /--noise.* '0' .* above 0/],
  ["a range backwards", ["mad", "good.png", "--allowed-range", "1,0"], /--allowed-range.* '1,0' .* lower one first/],
  ["a range of one number", ["mad", "good.png", "--allowed-range", "1"], /--allowed-range.* '1' .* two numbers/],
  [
    "a range for the weighted mode",
    ["mad", "good.png", "--weight", "1", "--allowed-range", "0,1"],
    /--allowed-range bounds the pixels where the other metric is held/,
  ],
  [
    "a penalty for the constrained mode",
    ["mad", "good.png", "--penalty-lambda", "1"],
    /--penalty-lambda is for --weight/,
  ],
  [
    "a metric on too small an image",
    ["mad", "good.png", "--reference", "nlpd"],
    /24 x 20 pixels, and NLPD needs at least 33/,
  ],
  ["a missing file for eigendistortion", ["eigendistortion", "nothing.png"], /^error: nothing\.png: there is no such/],
  [
    "an unknown model of eigendistortion",
    ["eigendistortion", "good.png", "--model", "onoff"],
    /no model "onoff"; did you/,
  ],
  ["an unknown method", ["eigendistortion", "good.png", "--method", "svd"], /'svd' is invalid.*krylov, exact, power/],
  ["no eigendistortions", ["eigendistortion", "good.png", "--k", "0"], /--k.* '0' .* whole number from 1 to 1000/],
  [
    "more than there are",
    ["eigendistortion", "good.png", "--k", "481"],
    /has 480 pixels, .* and --k is 481; choose less/,
  ],
  ["an alpha of 0", ["eigendistortion", "good.png", "--alpha", "0"], /--alpha.* '0' .* above 0/],
  [
    "an option of another method",
    ["eigendistortion", "good.png", "--method", "exact", "--iterations", "5"],
    /--iterations is for --method krylov and power, not for exact; leave it out/,
  ],
  [
    "an option of the randomized method",
    ["eigendistortion", "good.png", "--p", "5"],
    /--p is for --method randomized_svd/,
  ],
  [
    "an image that is too small for the model",
    ["eigendistortion", "tiny.png"],
    /tiny\.png is 1 x 1 pixels, and on-off needs at least 16 x 16/,
  ],
  [
    "a folder inside a file, for eigendistortion",
    ["eigendistortion", "good.png", "--out", "text.png/made"],
    /is a file/,
  ],
  ["a folder for mad inside a file", ["mad", "good.png", "--out", "text.png/made"], /text\.png is a file/],
  [
    "an unknown optimizer",
    ["metamer", "good.png", "--optimizer", "RMSporp"],
    /no optimizer "RMSporp"; did you mean "RMSprop"\? \(Adadelta, /,
  ],
  [
    "an unknown scheduler",
    ["metamer", "good.png", "--scheduler", "LambdaLR"],
    /no scheduler "LambdaLR".* \(ConstantLR, /,
  ],
  [
    "Python's name of an option",
    ["metamer", "good.png", "--optimizer", "sgd", "--optimizer-option", "weight_decay=1"],
    /optimizer SGD has no option "weight_decay"; did you mean "weightDecay"\? \(lr, momentum, /,
  ],
  [
    "an option of nothing",
    ["metamer", "good.png", "--scheduler-option", "gamma=1"],
    /--scheduler-option needs --scheduler/,
  ],
  [
    "half an option",
    ["metamer", "good.png", "--optimizer", "SGD", "--optimizer-option", "momentum"],
    /--optimizer-option.* 'momentum' .* name and a value, such as momentum=0\.9/,
  ],
  [
    "an option twice",
    ["metamer", "good.png", "--optimizer", "SGD", "--optimizer-option", "lr=1", "--optimizer-option", "lr=2"],
    /option lr of SGD is given twice/,
  ],
  [
    "a history of an optimizer that has none",
    ["metamer", "good.png", "--history", "20"],
    /--history is the number of steps that L-BFGS remembers, and Adam has none: add --optimizer LBFGS/,
  ],
  [
    "two histories",
    ["metamer", "good.png", "--optimizer", "LBFGS", "--history", "20", "--optimizer-option", "historySize=3"],
    /--history and --optimizer-option historySize=\.\.\. say the same; leave one out/,
  ],
  [
    "a history beyond all use",
    ["metamer", "good.png", "--optimizer", "LBFGS", "--optimizer-option", "historySize=1e9"],
    /--optimizer-option historySize is 1000000000; it must be a whole number from 1 to 10000/,
  ],
  ["a history of nothing", ["metamer", "good.png", "--history", "0"], /--history.* 1 /],
  [
    "two learning rates",
    ["metamer", "good.png", "--learning-rate", "1", "--optimizer", "SGD", "--optimizer-option", "lr=1"],
    /say the same; leave one out/,
  ],
  [
    "a value that makes no sense",
    ["metamer", "good.png", "--optimizer", "RMSprop", "--optimizer-option", "centered=maybe"],
    /RMSprop: --optimizer-option centered is "maybe"; it must be true or false/,
  ],
  [
    "a scheduler without what it needs",
    ["metamer", "good.png", "--scheduler", "CosineAnnealingLR"],
    /CosineAnnealingLR needs tMax: add --scheduler-option tMax=100/,
  ],
  [
    "a scheduler that the optimizer cannot follow",
    [
      "metamer",
      "good.png",
      "--optimizer",
      "Adagrad",
      "--scheduler",
      "CyclicLR",
      "--scheduler-option",
      "baseLr=0",
    ].concat(["--scheduler-option", "maxLr=1"]),
    /CyclicLR moves the momentum, and Adagrad has none; .*--scheduler-option cycleMomentum=false/,
  ],
  [
    "an optimizer for a preset",
    ["metamer", "good.png", "--preset", "texture", "--optimizer", "SGD"],
    /'--preset <name>' cannot be used with option '--optimizer <name>'/,
  ],
  [
    "a scheduler without its step",
    ["metamer", "good.png", "--scheduler", "StepLR"],
    /StepLR needs stepSize: add --scheduler-option stepSize=100/,
  ],
  [
    "a list that is none",
    ["metamer", "good.png", "--scheduler", "MultiStepLR", "--scheduler-option", "milestones=x"],
    /--scheduler-option milestones is "x"; it must be a list of iterations, such as 30,80/,
  ],
  ["a mistyped method", ["eigendistortion", "good.png", "--method", "krilov"], /Did you mean "krylov"\?/],
  ["a mistyped preset", ["metamer", "good.png", "--preset", "textur"], /Did you mean "texture"\?/],
  ["a mistyped dtype", ["metamer", "good.png", "--dtype", "flaot64"], /Did you mean "float64"\?/],
  ["a mistyped direction", ["mad", "good.png", "--direction", "mni"], /Did you mean "min"\?/],
  [
    "an optimizer that there is none of",
    ["optimizers", "adm"],
    /there is no optimizer or scheduler "adm"; did you mean "Adam"\?/,
  ],
  [
    "a folder whose name is too long",
    ["metamer", "good.png", "--out", "x".repeat(300)],
    /its name is too long; choose another folder with --out/,
  ],
  ["a new file whose name is too long", ["convert", "recipe.npy", `${"x".repeat(300)}.npz`], /its name is too long/],
  [
    "no image",
    ["metamer"],
    /missing required argument 'image'; for example: plenoptic metamer house; see plenoptic help metamer$/,
  ],
  [
    "two images",
    ["metamer", "good.png", "tiny.png"],
    /too many arguments.*; for example: plenoptic metamer house; see plenoptic help metamer$/,
  ],
  ["one image for two", ["compare", "good.png"], /for example: plenoptic compare a\.png b\.png; see/],
  ["an unknown command", ["metamers", "good.png"], /unknown command 'metamers' .*Did you mean metamer\?/],
];

describe("the command refuses", () => {
  it.each(cases)("%s", async (_, args, line) => {
    const inputs = await writeInputs();
    const terminal = fakeTerminal();
    expect(await runCommand(args, terminal)).toBe(2);
    const errors = terminal.err.text
      .split("\n")
      .filter((text) => text !== "" && !/^(Target|Model|Image|Metrics): /.test(text));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(line);
    expect(errors[0]).toMatch(/^error: /);
    // What can be told beforehand is told before anything is said of the work.
    if (args.includes("--coarse-to-fine")) expect(terminal.err.text).toMatch(/^error: /);
    expect(terminal.out.text).toBe("");
    expect((await readdir(".")).sort()).toEqual(inputs);
  });
});

describe("explain", () => {
  const told = (error: unknown, debug = false): { code: number; text: string } => {
    const stream = fakeStream();
    const code = explain(error, debug, stream);
    return { code, text: stream.text };
  };

  it("tells a person's mistake in one line", () => {
    expect(told(new UserError("first\n  second"))).toEqual({ code: 2, text: "error: first second\n" });
  });

  it("tells what the system refused in one line", () => {
    const full = Object.assign(new Error("ENOSPC: no space left on device, write"), {
      code: "ENOSPC",
      syscall: "write",
    });
    expect(told(full)).toEqual({ code: 2, text: "error: the disk is full\n" });
    const denied = Object.assign(new Error("EACCES"), { code: "EACCES", syscall: "stat", path: "/root/x" });
    expect(told(denied)).toEqual({ code: 2, text: "error: /root/x: you are not allowed to use it\n" });
  });

  it("owns up to its faults, and keeps the stack for --debug", () => {
    const fault = new TypeError("x is not a function", { cause: new Error("deeper") });
    const short = told(fault);
    expect(short.code).toBe(1);
    expect(short.text).toBe(
      "error: x is not a function\nThis is a fault of plenoptic, not yours. Please report it, with what it prints when " +
        "you add --debug.\n",
    );
    const long = told(fault, true);
    expect(long.code).toBe(1);
    expect(long.text).toMatch(/TypeError: x is not a function\n {4}at /);
    expect(long.text).toMatch(/caused by: Error: deeper\n {4}at /);
    expect(told("a text")).toMatchObject({ code: 1, text: expect.stringContaining("error: a text\n") });
  });

  it("ends as the shell expects after Ctrl-C", () => {
    expect(told(new Interrupted("Stopped.", 130))).toEqual({ code: 130, text: "Stopped.\n" });
  });
});

describe("printWarnings", () => {
  it("prints each warning once, as one line, until it is ended", () => {
    const lines: string[] = [];
    const end = printWarnings((line) => lines.push(line));
    for (const message of ["one\ntwo", "three", "one\ntwo"]) warnings.warn(new warnings.UserWarning("a-code", message));
    end();
    expect(lines).toEqual(["warning: one two", "warning: three"]);
  });
});

describe("what does not fit into memory", () => {
  const large = ["metamer", "large.pgm", "--threads", "1"];
  const refused = async (...args: string[]) => {
    await writeFile("large.pgm", Buffer.concat([Buffer.from("P5 2816 2816 255\n"), Buffer.alloc(2816 * 2816, 100)]));
    const terminal = fakeTerminal();
    const code = await runCommand([...large, ...args], terminal);
    expect(code).toBe(2);
    expect(await readdir(".")).toEqual(["large.pgm"]);
    const line = terminal.err.text.split("\n").find((line) => line.startsWith("error: "));
    expect(terminal.err.text).not.toMatch(/\n {4}at /);
    return line;
  };

  it("is told with the options of the command, before anything is computed", async () => {
    expect(await refused("--model", "portilla-simoncelli")).toMatch(
      /needs \d\.\d\d GiB .*What would do: --dtype float32; or a smaller image, such as --resize \d+x\d+ makes it\.$/,
    );
  });

  it.each([
    [{ kind: "float32" }, "What would do: --dtype float32."],
    [{ kind: "smaller batch", images: 2, instead: 3 }, "What would do: a batch of 2 instead of 3 images."],
    [{ kind: "smaller image" }, "What would do: a smaller image: --resize makes one."],
    [{ kind: "smaller k" }, "What would do: a smaller --k."],
  ] as const)("is told with words of the command's own: %j", (way, words) => {
    const stream = fakeStream();
    explain(new MemoryError("too much", "Else.", { bytes: 1, isTooLarge: true, ways: [way] }), false, stream);
    expect(stream.text).toBe(`error: too much. ${words}\n`);
  });

  it("is told with what nothing is known of: a smaller image, or the library's advice where the system is to blame", () => {
    const told = (isTooLarge: boolean): string => {
      const stream = fakeStream();
      explain(new MemoryError("too much", "End other programs.", { bytes: 1, isTooLarge }), false, stream);
      return stream.text;
    };
    expect(told(true)).toBe("error: too much. Use a smaller image: --resize makes it smaller.\n");
    expect(told(false)).toBe("error: too much. End other programs.\n");
  });
});
