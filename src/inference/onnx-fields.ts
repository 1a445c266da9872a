// Field numbers of onnx.proto3, as far as they are read or written here.
export const MODEL = { irVersion: 1, graph: 7, opset: 8, functions: 25 } as const;
export const GRAPH = { node: 1, name: 2, initializer: 5, input: 11, output: 12, valueInfo: 13 } as const;
export const NODE = { input: 1, output: 2, name: 3, opType: 4, attribute: 5, domain: 7 } as const;
export const ATTRIBUTE = {
  name: 1,
  float: 2,
  int: 3,
  string: 4,
  tensor: 5,
  floats: 7,
  ints: 8,
  type: 20,
} as const;
export const TENSOR = { dims: 1, dataType: 2, floats: 4, name: 8, raw: 9, external: 13, location: 14 } as const;
export const VALUE = { name: 1, type: 2 } as const;
export const TYPE = { tensor: 1 } as const;
export const TENSOR_TYPE = { element: 1, shape: 2 } as const;
export const SHAPE = { dim: 1 } as const;
export const DIM = { value: 1, param: 2 } as const;
export const OPSET = { domain: 1, version: 2 } as const;

/** TensorProto.DataType. */
export const ELEMENT = { float: 1, int32: 6, int64: 7, half: 10 } as const;
/** AttributeProto.AttributeType. */
export const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7 } as const;
