// The worker's end of the talk with the page.

import type { Answer, Ask, Event, FromWorker, Problem, Question, ToWorker } from "./messages.ts";

/** What answers a question. */
export type Handlers = { readonly [Q in Question]: (ask: Ask<Q>) => Promise<Answer<Q>> };

/** The part of a worker's scope that is needed. */
export interface Port {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker): void;
}

/** Answers questions from now on; what it returns sends events. */
export function serve(port: Port, handlers: Handlers): (event: Event) => void {
  port.onmessage = ({ data: { id, question, ask } }) => {
    const answer = handlers[question] as (ask: unknown) => Promise<unknown>;
    answer(ask).then(
      (answer) => port.postMessage({ id, answer }),
      (error: unknown) => port.postMessage({ id, problem: problemOf(error) }),
    );
  };
  return (event) => port.postMessage(event);
}

function problemOf(error: unknown): Problem {
  if (error instanceof Error) return { kind: error.name, message: error.message };
  return { kind: "Error", message: String(error) };
}
