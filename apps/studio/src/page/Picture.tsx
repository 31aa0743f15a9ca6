// One picture at its place: a canvas as large as the place in device pixels, so that each pixel of the image is a square of whole ones.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Plane } from "../protocol/messages.ts";
import { draw, fittingZoom, pixelAt, place, type Shade, type Size } from "./picture.ts";
import * as state from "./state.ts";

interface Shown {
  readonly plane: Plane;
  readonly shade: Shade;
  /** For those who do not see it. */
  readonly label: string;
}

export function Picture({ plane, shade, label }: Shown) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const room = useSignal<Size>({ width: 0, height: 0 });
  useEffect(
    () =>
      watchSize(canvas.current, (size) => {
        room.value = size;
      }),
    [],
  );

  const { width, height } = room.value;
  const zoom = state.zoom.value ?? fittingZoom(plane, { width, height });
  const placing = place(plane, { width, height }, zoom, state.centre.value);
  useEffect(() => {
    if (width === 0 || height === 0 || canvas.current === null) return;
    if (canvas.current.width !== width) canvas.current.width = width;
    if (canvas.current.height !== height) canvas.current.height = height;
    draw(canvas.current, plane, placing, shade);
    if (state.zoom.value === null) state.fitted.value = zoom;
  }, [plane, shade, width, height, zoom, placing.left, placing.top]);

  const ratio = (): number => (canvas.current === null ? 1 : width / canvas.current.clientWidth);
  const point = (event: PointerEvent): void => {
    const scale = ratio();
    state.pointed.value = pixelAt(plane, placing, event.offsetX * scale, event.offsetY * scale);
    if (event.buttons !== 1) return;
    const { x, y } = state.centre.value;
    const inside = (at: number): number => Math.min(1, Math.max(0, at));
    state.centre.value = {
      x: inside(x - (event.movementX * scale) / (plane.width * zoom)),
      y: inside(y - (event.movementY * scale) / (plane.height * zoom)),
    };
  };
  return (
    <canvas
      ref={canvas}
      class="picture"
      role="img"
      aria-label={label}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={point}
      onPointerLeave={() => {
        state.pointed.value = null;
      }}
    />
  );
}

/** A small picture of all of an image, beside words that say what it is. */
export function Thumb({ plane, shade }: Omit<Shown, "label">) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const side = Math.round(element.clientWidth * devicePixelRatio);
    const room = { width: side, height: Math.round((side * plane.height) / plane.width) };
    element.width = room.width;
    element.height = room.height;
    draw(element, plane, place(plane, room, fittingZoom(plane, room), { x: 0.5, y: 0.5 }), shade);
  }, [plane, shade]);
  return <canvas ref={canvas} class="thumb" />;
}

/** Tells the size of an element in device pixels, now and whenever it changes. */
function watchSize(element: Element | null, tell: (size: Size) => void): (() => void) | undefined {
  if (element === null) return undefined;
  const observer = new ResizeObserver(([entry]) => {
    const exact = entry.devicePixelContentBoxSize?.[0];
    const { width, height } = entry.contentRect;
    tell(
      exact === undefined
        ? { width: Math.round(width * devicePixelRatio), height: Math.round(height * devicePixelRatio) }
        : { width: exact.inlineSize, height: exact.blockSize },
    );
  });
  try {
    observer.observe(element, { box: "device-pixel-content-box" });
  } catch {
    // Safari does not tell it.
    observer.observe(element);
  }
  return () => observer.disconnect();
}
