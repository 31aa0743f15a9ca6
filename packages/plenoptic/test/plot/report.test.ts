// The HTML report: it holds what it is given, escaped, and runs nothing.

import { array, checkWellFormed, pictures } from "@plenoptic-js/proof/drawing/drawing";
import { describe, expect, it } from "vitest";
import { imshow } from "../../src/plot/imshow.ts";
import { report } from "../../src/plot/report.ts";

describe("report", () => {
  it("holds the figures as they are", async () => {
    const figure = await imshow(array([0, 1], [1, 1, 1, 2]));
    const page = report({ title: "T", sections: [{ heading: "H", figures: [figure, figure] }] });
    expect(page.split(figure.svg.trimEnd())).toHaveLength(3);
    expect(pictures(page)).toHaveLength(2);
    checkWellFormed(page.replace(/<style>[^<]*<\/style>/, ""));
  });

  it("puts each list of figures in a row of its own, and the others side by side", async () => {
    const [a, b, c, d] = await Promise.all([0, 0.3, 0.6, 0.9].map((gray) => imshow(array([gray, 1], [1, 1, 1, 2]))));
    const page = report({ title: "T", sections: [{ heading: "H", figures: [a, b, [c, a], [], [d], b] }] });
    const rows = page.split('<div class="figures">').slice(1);
    const found = rows.map((row) => [a, b, c, d].map(({ svg }) => row.split(svg.trimEnd()).length - 1));
    expect(found).toEqual([
      [1, 1, 0, 0],
      [1, 0, 1, 0],
      [0, 0, 0, 1],
      [0, 1, 0, 0],
    ]);
    expect(page).toContain(`<figure style="--width: ${a.width}px"><svg`);
  });

  it("keeps a list of figures that fits a wide page in one row on a narrower one", async () => {
    const figure = await imshow(array([0, 1], [1, 1, 1, 2]));
    const wide = await imshow(
      array(
        Array.from({ length: 600 }, (_, i) => i),
        [1, 1, 1, 600],
      ),
    );
    const page = (row: (typeof figure)[]): string =>
      report({ title: "T", sections: [{ heading: "H", figures: [row] }] });
    expect(page([figure, figure, figure])).toContain('<div class="row">\n<div class="figures">');
    expect(page([wide, wide])).not.toContain('<div class="row">');
    expect(report({ title: "T", sections: [{ heading: "H", figures: [figure] }] })).not.toContain('<div class="row">');
  });

  it("escapes everything it is given", () => {
    const evil = `</title></style><script>alert("1")</script> & '`;
    const page = report({
      title: evil,
      intro: evil,
      sections: [{ heading: evil, text: evil, table: [[evil, evil]], code: evil }],
    });
    checkWellFormed(page.replace(/<style>[^<]*<\/style>/, ""));
    expect(page).not.toContain("<script");
    expect(page.split("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;")).toHaveLength(9);
  });

  it("loads nothing and runs nothing", () => {
    const page = report({ title: "T", sections: [{ heading: "H", text: "a" }] });
    expect(page).toMatch(/Content-Security-Policy" content="default-src &#39;none&#39;; img-src data:/);
    expect(page).not.toMatch(/<(script|link|iframe|img)|url\(|@import/);
    expect(page.startsWith("<!DOCTYPE html>\n")).toBe(true);
  });

  it("makes paragraphs of texts, keeps the lines of code, and leaves out what is empty", () => {
    const page = report({
      title: "T",
      intro: "one\n\ntwo",
      sections: [{ heading: "H", code: '{\n  "a": 1\n}' }, { heading: "empty" }],
    });
    expect(page).toContain("<p>one</p>\n<p>two</p>");
    expect(page).toContain("<pre><code>{\n  &quot;a&quot;: 1\n}</code></pre>");
    expect(page).toContain("<section>\n<h2>empty</h2>\n</section>");
  });
});

describe("links", () => {
  const page = (path: string): string =>
    report({ title: "t", sections: [{ heading: "h", links: [["Report of <seed 0>", path]] }] });

  it("lead to pages beside this one", () => {
    expect(page("seed-0/report.html")).toContain('<p><a href="seed-0/report.html">Report of &lt;seed 0&gt;</a></p>');
  });

  it.each(["javascript:alert(1)", "https://example.org", "//example.org/x", "/etc/passwd", "", 'a" onclick="x', "a b"])(
    "refuse %j",
    (path) => {
      expect(() => page(path)).toThrow(/a link leads to .*; it must be a path from the page/);
    },
  );
});
