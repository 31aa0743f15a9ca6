// How long the tasks of a page's main thread work, from the browser's own trace.
//
// A task's time on the processor counts, not its time on the clock. That is why there is no PerformanceObserver of long
// tasks, nor a timer that looks for gaps: on a busy machine both also find other programs, whose turns are not the page's
// fault. Every task is measured, whatever it does: scripts, layout, drawing, collecting garbage.

import type { Browser, Page } from "playwright";

/** An event of Chromium's trace. `tdur` is time on the processor, in microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** Milliseconds of every task while `work` runs, longest first. */
export async function tasksDuring(browser: Browser, page: Page, work: () => Promise<void>): Promise<number[]> {
  await browser.startTracing(page, { categories: ["toplevel"] });
  await work();
  const { traceEvents } = JSON.parse(String(await browser.stopTracing())) as { traceEvents: TraceEvent[] };
  const place = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`;
  const mains = new Map<string, number[]>();
  for (const event of traceEvents) {
    if (event.name === "thread_name" && event.args?.name === "CrRendererMain") mains.set(place(event), []);
  }
  for (const event of traceEvents) {
    if (event.name === "ThreadControllerImpl::RunTask" && event.ph === "X") {
      mains.get(place(event))?.push((event.tdur ?? 0) / 1000);
    }
  }
  // A browser may keep a spare process for pages to come; the page's thread is the one that worked.
  const [tasks = []] = [...mains.values()].sort((a, b) => total(b) - total(a));
  return tasks.sort((a, b) => b - a);
}

export const total = (tasks: readonly number[]): number => tasks.reduce((sum, ms) => sum + ms, 0);
