// What a model says about an image, as groups of named values, and as the rows of a table.

import type { DataOf, Tensor } from "@plenoptic-js/tensor";
import { tensor } from "@plenoptic-js/tensor";
import type { GroupedModel, Model } from "plenoptic-js";
import type { RepresentationGroups } from "plenoptic-js/engine";

type FloatArray = Float32Array | Float64Array;

export interface Group {
  readonly name: string;
  /** Without the axes batch and channel where the group is one of several. */
  readonly shape: readonly number[];
  /** In C order; NaN where a value is redundant and not in the representation. */
  readonly values: FloatArray;
}

/** A representation of one image. */
export interface Representation {
  readonly shape: readonly number[];
  readonly values: FloatArray;
  readonly groups: readonly Group[];
  /** The columns that say which value it is. */
  readonly columns: readonly string[];
  /** Their cells for the value at a position. */
  cells(position: number): readonly (string | number)[];
}

/**
 * The representation by groups, or as one.
 *
 * @param groups those of the model, where it has any
 */
export async function describeRepresentation(
  model: Model,
  representation: Tensor,
  groups: RepresentationGroups | undefined,
): Promise<Representation> {
  const { shape } = representation;
  const values = (await representation.data()) as FloatArray;
  if (groups !== undefined) return describeGroups(model as GroupedModel, groups, representation, values);
  if ("convertToDict" in model && "network" in model)
    return describeLayers(model as unknown as GroupedModel, representation, values);
  const columns = shape.length === 4 ? ["channel", "row", "column"] : shape.slice(1).map((_, axis) => `index_${axis}`);
  return {
    shape,
    values,
    groups: [{ name: "representation", shape, values }],
    columns,
    // The batch is one image.
    cells: (position) => unravel(position, shape.slice(1)),
  };
}

/** Layers of a network: one after the other, each in C order. */
async function describeLayers(
  model: GroupedModel,
  representation: Tensor,
  values: FloatArray,
): Promise<Representation> {
  const groups: Group[] = [];
  const ends: number[] = [];
  let end = 0;
  for (const [name, layer] of model.convertToDict(representation)) {
    groups.push({ name, shape: layer.shape.slice(1), values: (await layer.data()) as FloatArray });
    end += layer.size;
    ends.push(end);
  }
  const most = groups.reduce((most, { shape }) => Math.max(most, shape.length), 0);
  const axes = most === 3 ? ["channel", "row", "column"] : Array.from({ length: most }, (_, i) => `index_${i + 1}`);
  return {
    shape: representation.shape,
    values,
    groups,
    columns: ["layer", ...axes],
    cells: (position) => {
      const which = ends.findIndex((end) => position < end);
      const { name, shape, values } = groups[which];
      const index = unravel(position - ends[which] + values.length, shape);
      return [name, ...axes.map((_, axis) => index[axis] ?? "")];
    },
  };
}

async function describeGroups(
  model: GroupedModel,
  { columns, axes }: RepresentationGroups,
  representation: Tensor,
  values: FloatArray,
): Promise<Representation> {
  // The positions of values, taken apart as the values are, tell where each went.
  const positions = model.convertToDict(
    tensor(
      values.map((_, i) => i),
      { shape: representation.shape },
    ),
  );
  const groups: Group[] = [];
  const cells = new Array<readonly (string | number)[]>(values.length);
  for (const [name, group] of model.convertToDict(representation)) {
    const shape = group.shape.slice(2);
    groups.push({ name, shape, values: (await group.data()) as FloatArray });
    ((await positions.get(name)!.data()) as DataOf<"float64">).forEach((position, at) => {
      if (Number.isNaN(position)) return;
      const index = unravel(at, shape);
      const cell = (column: string): string | number => {
        const axis = axes[name].findIndex((meaning) => column in meaning);
        return axes[name][axis]?.[column]?.[index[axis]] ?? "";
      };
      cells[position] = [name, ...columns.map(cell)];
    });
  }
  return {
    shape: representation.shape,
    values,
    groups,
    columns: ["group", ...columns],
    cells: (position) => cells[position],
  };
}

/** The index of a position in C order. */
function unravel(position: number, shape: readonly number[]): number[] {
  const index = new Array<number>(shape.length);
  let rest = position;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = rest % shape[axis];
    rest = Math.floor(rest / shape[axis]);
  }
  return index;
}
