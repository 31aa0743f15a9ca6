// A small chart of what was recorded at every step.

interface Shown {
  readonly name: string;
  readonly values: Float64Array;
  readonly isLog: boolean;
}

const [WIDTH, HEIGHT] = [240, 56];

export function Curve({ name, values, isLog }: Shown) {
  const isOnLog = isLog && values.every((value) => value > 0 || Number.isNaN(value));
  const seen = pointsOf(isOnLog ? values.map((value) => Math.log10(value)) : values);
  if (seen === null) return null;
  const last = values[values.length - 1];
  return (
    <figure class="curve">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${name} by step, from ${values[0]} to ${last}`}>
        <polyline points={seen} />
      </svg>
      <figcaption>
        {name}
        {isOnLog ? ", logarithmic" : ""}
      </figcaption>
    </figure>
  );
}

/** The points of a line; null where there is none. Of many values, the mean of those that fall on one place. */
function pointsOf(values: ArrayLike<number>): string | null {
  const count = Math.min(values.length, WIDTH);
  const means: number[] = [];
  for (let i = 0; i < count; i++) {
    const [from, to] = [Math.floor((i * values.length) / count), Math.floor(((i + 1) * values.length) / count)];
    let sum = 0;
    for (let j = from; j < to; j++) sum += values[j];
    means.push(sum / (to - from));
  }
  const finite = means.filter(Number.isFinite);
  if (finite.length < 2) return null;
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const scale = high === low ? 0 : (HEIGHT - 4) / (high - low);
  return means
    .flatMap((mean, i) =>
      Number.isFinite(mean)
        ? [`${((i * WIDTH) / (count - 1)).toFixed(1)},${(HEIGHT - 2 - (mean - low) * scale).toFixed(1)}`]
        : [],
    )
    .join(" ");
}
