// What is shown of a long run, on a terminal and where there is none.

import { describe, expect, it } from "vitest";
import { duration, Progress } from "../src/progress.ts";
import { canRedraw } from "../src/terminal.ts";
import { fakeStream } from "./fakeTerminal.ts";

describe("Progress", () => {
  it("writes a line every five seconds, and the last one, where there is no terminal", () => {
    const stream = fakeStream();
    let time = 0;
    const progress = new Progress(stream, 100, () => time);
    for (let iteration = 1; iteration <= 100; iteration++) {
      time += 100;
      progress.update(iteration, 0.5 / iteration);
    }
    progress.clear();
    expect(stream.text).toBe(
      "iteration   1 of 100   loss 5.000e-1\n" +
        "iteration  51 of 100   loss 9.804e-3   10.0 iterations/s   5 s left\n" +
        "iteration 100 of 100   loss 5.000e-3   10.0 iterations/s   0 s left\n",
    );
  });

  it("tells the share alone of work that may end early", () => {
    const stream = fakeStream();
    let time = 0;
    const progress = new Progress(stream, 100, () => time, { unit: null, measure: "relative residual" });
    for (const percent of [0, 42, 100]) {
      progress.update(percent, percent === 0 ? null : 0.5, "the most noticeable");
      time += 6000;
    }
    expect(stream.text).toBe(
      "  0 %   the most noticeable\n" +
        " 42 %   the most noticeable   relative residual 5.000e-1\n" +
        "100 %   the most noticeable   relative residual 5.000e-1\n",
    );
    expect(progress.reached).toBe("at 100 %");
  });

  it("draws nothing anew on a terminal that calls itself dumb", () => {
    expect(canRedraw(fakeStream({ isTTY: true }), "dumb")).toBe(false);
    expect(canRedraw(fakeStream({ isTTY: true }), "xterm")).toBe(true);
    expect(canRedraw(fakeStream({ isTTY: true }), undefined)).toBe(true);
    expect(canRedraw(fakeStream(), "xterm")).toBe(false);
  });

  it("draws one line again and again on a terminal, and takes it away", () => {
    const stream = fakeStream({ isTTY: true });
    let time = 0;
    const progress = new Progress(stream, 4, () => time);
    for (let iteration = 1; iteration <= 3; iteration++) {
      time += iteration === 2 ? 10 : 500;
      progress.update(iteration, 1);
    }
    progress.clear();
    progress.clear();
    const erase = "\u001b[1G\u001b[2K";
    expect(stream.text).toBe(
      `iteration 1 of 4   loss 1.000e+0${erase}` +
        `iteration 3 of 4   loss 1.000e+0   3.92 iterations/s   1 s left${erase}`,
    );
  });

  it("never fills the last column of a terminal, which would start a new line", () => {
    const stream = fakeStream({ isTTY: true, columns: 20 });
    new Progress(stream, 4, () => 0).update(1, 1);
    expect(stream.text).toBe("iteration 1 of 4   ");
  });
});

describe("Progress on a terminal that does not know its width", () => {
  it("takes it for 80 columns wide", () => {
    const stream = fakeStream({ isTTY: true, columns: 0 });
    new Progress(stream, 4, () => 0).update(1, 1);
    expect(stream.text).toBe("iteration 1 of 4   loss 1.000e+0");
  });
});

describe("duration", () => {
  it.each([
    [0.2, "1 s"],
    [59.5, "1 min 0 s"],
    [200, "3 min 20 s"],
    [7500, "2 h 5 min"],
  ])("%d seconds: %s", (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});
