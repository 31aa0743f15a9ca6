// `plenoptic studio`: serves the page that looks at what a model sees, to this machine alone, and opens it.

import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { Command } from "@commander-js/extra-typings";
import open from "open";
import sirv from "sirv";
import { UserError } from "./failure.ts";
import { wholeNumber } from "./options.ts";
import type { Terminal } from "./terminal.ts";

/** What makes threads possible, and says what the page may do: docs/browser.md. */
const HEADERS = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "X-Content-Type-Options": "nosniff",
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; connect-src 'self'; style-src 'self'; " +
    "img-src 'self' blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};

const HELP = `
The page computes in the browser, to the same bits as this command; nothing leaves this machine. Only its own files are served, to
this machine alone. Ctrl-C ends it.

Examples:
  plenoptic studio
  plenoptic studio --port 8080 --no-open`;

export function studioCommand(terminal: Terminal) {
  return new Command("studio")
    .description("open the page that looks at what a model sees, in a browser")
    .helpOption("-h, --help", "print this help")
    .option("--port <n>", "where it is served (default: any that is free)", wholeNumber(1, 65535))
    .option("--no-open", "print the address, and open no browser")
    .addHelpText("after", HELP)
    .action(async (options) => {
      const server = await serveStudio(options.port ?? 0);
      const { port } = server.address() as AddressInfo;
      const address = `http://localhost:${port}/`;
      terminal.out.write(`plenoptic studio is at ${address}\nCtrl-C ends it.\n`);
      // Where there is no browser, the address is enough.
      if (options.open) await open(address).catch(() => undefined);
      await new Promise((resolve) => server.once("close", resolve));
    });
}

/**
 * Serves the built page on a port of this machine; 0 for any.
 *
 * @throws UserError where the port is taken
 */
export async function serveStudio(port: number): Promise<Server> {
  const page = join(dirname(createRequire(import.meta.url).resolve("@plenoptic-js/studio/package.json")), "dist");
  // All files are listed once, at the start: no other path leads anywhere.
  const files = sirv(page, {
    etag: true,
    setHeaders: (response) => {
      for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    },
  });
  const server = createServer((request, response) => {
    if (!isOurs(request.headers.host) || (request.method !== "GET" && request.method !== "HEAD")) {
      response.writeHead(403).end();
      return;
    }
    files(request, response, () => {
      response.writeHead(404).end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const why = cause.code === "EADDRINUSE" ? "another program is there" : (cause.code ?? cause.message);
      reject(new UserError(`nothing can be served on port ${port}: ${why}; choose another --port`, { cause }));
    });
    server.listen(port, "localhost", resolve);
  });
  return server;
}

/** Another site's name for this machine is none of ours: a page of that site must not read from here. */
function isOurs(host: string | undefined): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host ?? "");
}
