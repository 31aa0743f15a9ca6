// Builds the page into dist/: `vite build examples/metamer`. A plain script with the pictures inside, instead of modules
// and files beside it, so that it also works when index.html is opened from a disk.

import { defineConfig } from "vitest/config";

/** A plain script has no address of its own; any will do, because what is looked up is whole: pictures are data URLs. */
export const define = { "import.meta.url": "self.location.href", "import.meta.resolve": "undefined" };

// biome-ignore lint/style/noDefaultExport: where Vite looks for its configuration
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  build: {
    // All files in one folder: a plain script finds its worker from the page's address, not from its own.
    assetsDir: "",
    assetsInlineLimit: 1_000_000,
    chunkSizeWarningLimit: 2000,
    cssCodeSplit: false,
    modulePreload: false,
    rolldownOptions: { output: { format: "iife" }, transform: { define }, checks: { bundlerTimings: false } },
  },
  worker: { format: "iife", rolldownOptions: { transform: { define } } },
  plugins: [
    {
      name: "plain script",
      apply: "build",
      transformIndexHtml: {
        order: "post",
        handler: (html) => html.replace(' type="module" crossorigin', " defer").replaceAll(" crossorigin", ""),
      },
    },
  ],
});
