// The element types of real floating-point numbers, by their names.

export type FloatDType = "float32" | "float64";
