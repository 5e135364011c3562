// Every field of every point format: where it lies in a record and what it is (ASPRS LAS 1.4 R15, tables 7 to 17).
import { lastPointFormat } from './las-point-formats.ts'

export type PointField = {
  readonly name: string
  readonly type: 'uint8' | 'int8' | 'uint16' | 'int16' | 'int32' | 'uint32' | 'uint64' | 'float32' | 'float64'
  readonly offset: number
  /** For a field of some bits of its byte: the lowest of them, counted from 0, and how many. */
  readonly bits?: readonly [lowest: number, count: number]
}

/** Fields that share a byte follow each other, with no size for all but the last of them. */
type Layout = readonly [
  name: string,
  sizeBytes: number,
  type: PointField['type'],
  bits?: readonly [lowest: number, count: number],
][]

const places: Layout = [
  ['x', 4, 'int32'],
  ['y', 4, 'int32'],
  ['z', 4, 'int32'],
  ['intensity', 2, 'uint16'],
]

const core0: Layout = [
  ...places,
  ['returnNumber', 0, 'uint8', [0, 3]],
  ['numberOfReturns', 0, 'uint8', [3, 3]],
  ['scanDirection', 0, 'uint8', [6, 1]],
  ['edgeOfFlightLine', 1, 'uint8', [7, 1]],
  ['classification', 0, 'uint8', [0, 5]],
  ['synthetic', 0, 'uint8', [5, 1]],
  ['keyPoint', 0, 'uint8', [6, 1]],
  ['withheld', 1, 'uint8', [7, 1]],
  ['scanAngle', 1, 'int8'],
  ['userData', 1, 'uint8'],
  ['pointSourceId', 2, 'uint16'],
]

const gpsTime: Layout = [['gpsTime', 8, 'float64']]

const core6: Layout = [
  ...places,
  ['returnNumber', 0, 'uint8', [0, 4]],
  ['numberOfReturns', 1, 'uint8', [4, 4]],
  ['synthetic', 0, 'uint8', [0, 1]],
  ['keyPoint', 0, 'uint8', [1, 1]],
  ['withheld', 0, 'uint8', [2, 1]],
  ['overlap', 0, 'uint8', [3, 1]],
  ['scannerChannel', 0, 'uint8', [4, 2]],
  ['scanDirection', 0, 'uint8', [6, 1]],
  ['edgeOfFlightLine', 1, 'uint8', [7, 1]],
  ['classification', 1, 'uint8'],
  ['userData', 1, 'uint8'],
  ['scanAngle', 2, 'int16'],
  ['pointSourceId', 2, 'uint16'],
  ...gpsTime,
]

const colours: Layout = [
  ['red', 2, 'uint16'],
  ['green', 2, 'uint16'],
  ['blue', 2, 'uint16'],
]
const nir: Layout = [['nir', 2, 'uint16']]

const wavePacket: Layout = [
  ['wavePacketDescriptorIndex', 1, 'uint8'],
  ['waveformOffsetBytes', 8, 'uint64'],
  ['waveformSizeBytes', 4, 'uint32'],
  ['returnPointWaveformLocation', 4, 'float32'],
  ['waveformDx', 4, 'float32'],
  ['waveformDy', 4, 'float32'],
  ['waveformDz', 4, 'float32'],
]

const layouts: readonly Layout[] = [
  core0,
  [...core0, ...gpsTime],
  [...core0, ...colours],
  [...core0, ...gpsTime, ...colours],
  [...core0, ...gpsTime, ...wavePacket],
  [...core0, ...gpsTime, ...colours, ...wavePacket],
  core6,
  [...core6, ...colours],
  [...core6, ...colours, ...nir],
  [...core6, ...wavePacket],
  [...core6, ...colours, ...nir, ...wavePacket],
]

/** The fields of a point format in record order; RangeError for a format that does not exist. */
export function pointFields(pointFormat: number): PointField[] {
  const layout = layouts[pointFormat]
  if (!layout) throw new RangeError(`expected a point format 0 to ${lastPointFormat}, got ${pointFormat}`)
  let offset = 0
  return layout.map(([name, sizeBytes, type, bits]) => {
    const field = { name, type, offset, ...(bits && { bits }) }
    offset += sizeBytes
    return field
  })
}
