// ONNX models for tests, written field by field; numbers are those of onnx.proto.
type Value = number | bigint | string | Uint8Array

/** One field of a protocol buffer: whole numbers as varints, texts and bytes with their length. */
export function field(number: number, value: Value): Uint8Array {
  if (typeof value === 'number' || typeof value === 'bigint') {
    return Buffer.concat([varint(BigInt(number) << 3n), varint(BigInt.asUintN(64, BigInt(value)))])
  }
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  return Buffer.concat([varint((BigInt(number) << 3n) | 2n), varint(BigInt(bytes.length)), bytes])
}

export function message(...fields: Uint8Array[]): Uint8Array {
  return Buffer.concat(fields)
}

export function varint(value: bigint): Uint8Array {
  const bytes: number[] = []
  let rest = value
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0))
    rest >>= 7n
  } while (rest > 0n)
  return Uint8Array.from(bytes)
}

export function tensor(
  name: string,
  dims: (number | bigint)[],
  bytes: Uint8Array,
  ...more: Uint8Array[]
): Uint8Array {
  return message(...dims.map((size) => field(1, size)), field(2, 1), field(8, name), field(9, bytes), ...more)
}

export function node(
  operator: string,
  inputs: string[],
  outputs: string[],
  ...more: Uint8Array[]
): Uint8Array {
  return message(
    ...inputs.map((name) => field(1, name)),
    ...outputs.map((name) => field(2, name)),
    field(4, operator),
    ...more,
  )
}

/** A tensor that goes in or comes out: 32-bit floats of this shape. */
export function valueInfo(name: string, shape: (number | string)[]): Uint8Array {
  const sizes = shape.map((size) => field(1, typeof size === 'number' ? field(1, size) : field(2, size)))
  return message(field(1, name), field(2, field(1, message(field(1, 1), field(2, message(...sizes))))))
}

export interface ModelParts {
  /** Default: a convolution of 3 channels with kernels of one pixel. */
  nodes?: Uint8Array[]
  initializers?: Uint8Array[]
  inputs?: Uint8Array[]
  outputs?: Uint8Array[]
  /** Default: ai.onnx 17. */
  opsets?: [domain: string, version: number][]
  metadata?: Record<string, string>
  irVersion?: number
  /** Fields of the model itself. */
  more?: Uint8Array[]
}

export function onnxModel(parts: ModelParts = {}): Uint8Array {
  const { metadata = {}, opsets = [['', 17]], irVersion = 8, more = [] } = parts
  return message(
    field(1, irVersion),
    field(2, 'alidade-fixture'),
    field(7, onnxGraph(parts)),
    ...opsets.map(([domain, version]) => field(8, message(field(1, domain), field(2, version)))),
    ...Object.entries(metadata).map(([key, value]) => field(14, message(field(1, key), field(2, value)))),
    ...more,
  )
}

export function onnxGraph({
  nodes = [node('Conv', ['image', 'weight'], ['scores'])],
  initializers = [tensor('weight', [2, 3, 1, 1], new Uint8Array(2 * 3 * 4))],
  inputs = [valueInfo('image', [1, 3, 64, 64])],
  outputs = [valueInfo('scores', [1, 2, 64, 64])],
}: ModelParts = {}): Uint8Array {
  return message(
    ...nodes.map((one) => field(1, one)),
    field(2, 'graph'),
    ...initializers.map((one) => field(5, one)),
    ...inputs.map((one) => field(11, one)),
    ...outputs.map((one) => field(12, one)),
  )
}
