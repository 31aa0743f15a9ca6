// What a person chose: everything that decides what is made, as plain data. It stands in the address of the page, goes to the worker, and
// is kept over a reload. Names are those of the command `plenoptic`, and so are defaults.

/** What can be made. A preset is a method of its own: its model, optimizer and start go together. */
export type Method = "metamer" | "coarse-to-fine" | "texture" | "mad" | "eigendistortion";

export const METHODS: readonly Method[] = ["metamer", "coarse-to-fine", "texture", "mad", "eigendistortion"];

/** An image by its name and, where it is not one that ships, by the hash of its values. */
export interface ImageName {
  readonly name: string;
  /** SHA-256 of the values as the model sees them; null for a picture that ships. */
  readonly sha256: string | null;
}

export interface Choice {
  readonly method: Method;
  readonly image: ImageName;
  /** Whether the middle of an image is taken where the model cannot take all of it. */
  readonly crop: boolean;
  readonly dtype: "float64" | "float32";
  readonly seed: number;
  readonly iterations: number;
  /** Of metamers and eigendistortions: a card's name, and those of its options that are not as usual. */
  readonly model: string;
  readonly options: Readonly<Record<string, number>>;
  /** Of metamers: the optimizer's name, and its learning rate; null as usual. */
  readonly optimizer: string;
  readonly learningRate: number | null;
  readonly penalty: number;
  /** Of MAD: two metrics; standard deviation of the noise. */
  readonly optimized: string;
  readonly reference: string;
  readonly noise: number;
  /** Of eigendistortions: how many at each end. */
  readonly k: number;
}

/** Steps that a method takes where nothing else is said; those of presets are on their cards. */
export const USUAL_ITERATIONS: Readonly<Record<Method, number>> = {
  metamer: 600,
  "coarse-to-fine": 600,
  texture: 100,
  mad: 200,
  eigendistortion: 1500,
};

export const FIRST_CHOICE: Choice = {
  method: "metamer",
  image: { name: "house", sha256: null },
  crop: false,
  dtype: "float64",
  seed: 0,
  iterations: USUAL_ITERATIONS.metamer,
  model: "gaussian",
  options: {},
  optimizer: "Adam",
  learningRate: null,
  penalty: 0.1,
  optimized: "ssim",
  reference: "mse",
  noise: 0.1,
  k: 1,
};
