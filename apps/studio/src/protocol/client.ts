// The page's end of the talk with the worker.

import type { Answer, Ask, Event, FromWorker, Problem, Question, ToWorker } from "./messages.ts";

/** What went wrong in the worker, in its words. */
class WorkerProblem extends Error {
  override readonly name = "WorkerProblem";
  readonly kind: string;

  constructor({ kind, message }: Problem) {
    super(message);
    this.kind = kind;
  }
}

export interface Client {
  ask<Q extends Question>(question: Q, ask: Ask<Q>): Promise<Answer<Q>>;
}

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (problem: Error) => void;
}

/** @param onEvent hears what comes unasked; @param onDeath is told when the worker itself has failed, and answers nothing more */
export function connect(worker: Worker, onEvent: (event: Event) => void, onDeath: (problem: Error) => void): Client {
  const waiting = new Map<number, Waiting>();
  let asked = 0;
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    if ("event" in data) {
      onEvent(data);
      return;
    }
    const one = waiting.get(data.id);
    waiting.delete(data.id);
    if ("problem" in data) one?.reject(new WorkerProblem(data.problem));
    else one?.resolve(data.answer as never);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    const problem = new WorkerProblem({ kind: "worker", message: event.message || "the worker could not be started" });
    for (const { reject } of waiting.values()) reject(problem);
    waiting.clear();
    onDeath(problem);
  };
  return {
    ask: (question, ask) =>
      new Promise((resolve, reject) => {
        const id = ++asked;
        waiting.set(id, { resolve, reject });
        worker.postMessage({ id, question, ask } satisfies ToWorker);
      }),
  };
}
