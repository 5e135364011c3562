// Kind and shape of the tensors that an ONNX model takes and gives.
import { FormatError } from './format-error.ts'
import type { WireField, WireReader } from './protobuf-wire.ts'

export interface OnnxTensorType {
  readonly name: string
  /** `float`, `uint8`, ...; a number where it is one that we have no name for. */
  readonly element: string
  /** Sizes; a name, or `?`, where the model leaves one open. */
  readonly shape: readonly (number | string)[]
}

export const mostDimensions = 16
const elements: Record<number, string> = {
  ...{
    1: 'float',
    2: 'uint8',
    3: 'int8',
    4: 'uint16',
    5: 'int16',
    6: 'int32',
    7: 'int64',
    8: 'string',
    9: 'bool',
  },
  ...{ 10: 'float16', 11: 'double', 12: 'uint32', 13: 'uint64', 16: 'bfloat16' },
}

/** A ValueInfoProto: a tensor that goes in or comes out. */
export async function readValueInfo(wire: WireReader, info: WireField): Promise<OnnxTensorType> {
  let [name, element] = ['', 'no tensor']
  const shape: (number | string)[] = []
  await wire.message(info, async (field) => {
    if (field.number === 1) name = await wire.text(field)
    else if (field.number === 2) {
      await wire.message(field, async (type) => {
        if (type.number === 1) element = await readTensorType(wire, type, shape)
      })
    }
  })
  return { name, element, shape }
}

async function readTensorType(
  wire: WireReader,
  type: WireField,
  shape: (number | string)[],
): Promise<string> {
  let element = 0
  await wire.message(type, async (field) => {
    if (field.number === 1) element = field.value
    else if (field.number === 2) {
      await wire.message(field, async (dimension) => {
        if (dimension.number !== 1) return
        if (shape.length === mostDimensions)
          throw new FormatError(
            'Unsupported',
            'model',
            `expected at most ${mostDimensions} dimensions, got more`,
          )
        let size: number | string = '?'
        await wire.message(dimension, async (value) => {
          if (value.number === 1) size = value.value
          else if (value.number === 2) size = (await wire.text(value)) || '?'
        })
        shape.push(size)
      })
    }
  })
  return elements[element] ?? String(element)
}
