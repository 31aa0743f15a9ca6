// Builds the studio into dist/: `vite build apps/studio`. Static files that work from any folder of any server.

import { defineConfig } from "vite";

const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

// biome-ignore lint/style/noDefaultExport: where Vite looks for its configuration
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  resolve: { conditions: ["@plenoptic-js/source", "module", "browser", "development|production"] },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    chunkSizeWarningLimit: 2000,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      checks: { bundlerTimings: false },
      input: {
        index: `${import.meta.dirname}/index.html`,
        isolation: `${import.meta.dirname}/src/isolation/serviceWorker.ts`,
      },
      // A service worker is known by its address, and answers for the folder it lies in.
      output: { entryFileNames: ({ name }) => (name === "isolation" ? "isolation.js" : "assets/[name]-[hash].js") },
    },
  },
  worker: { format: "es" },
  server: { headers },
  preview: { headers },
});
