// Exports in the system of exportSrs: where a point lies there, in steps that hold it. Heights stay as they are.
import { type JobMessage, jobWarningMessage } from '@alidade/contract/jobs'
import { type Crs, headerInCrs, type LasHeader } from '@alidade/formats'
import { placesIn } from '../point-clouds/export-srs.ts'
import { interpolatePlaces } from '../point-clouds/interpolated-places.ts'

/** The records of one file in another system. */
export interface ExportSystem {
  header: LasHeader
  /** New records; good until the next call. */
  convert(records: Uint8Array, count: number): Uint8Array
}

const millimetre = 0.001
/** About a millimetre on the ground. */
const degreeStep = 1e-8
/** Places are interpolated where that is no farther from the exact ones, in steps of the export. */
const interpolatedWithin = 0.1
/** Interpolated over at most. */
const largestCellMetres = 1024
const largestInteger = 2 ** 31 - 1

/** JobError for a system that does not reach the place of the cloud. */
export function exportSystem(header: LasHeader, from: Crs, to: Crs): ExportSystem {
  const place = placesIn(from, to)
  const { min, max } = header.bounds
  const corners = [min[0], max[0]].flatMap((x) => [min[1], max[1]].map((y) => place(x, y)))
  const steps = ([0, 1] as const).map((axis) =>
    stepsFor(
      corners.map((corner) => corner[axis]),
      header,
      axis,
      from,
      to,
    ),
  )
  const [alongX, alongY] = steps as [Steps, Steps]
  const outHeader = headerInCrs(header, to, {
    scale: [alongX.scale, alongY.scale, header.scale[2]],
    offset: [alongX.offset, alongY.offset, header.offset[2]],
  })
  const { pointRecordLength: length, scale, offset } = header
  const interpolated = interpolatePlaces(place, {
    middle: [(min[0] + max[0]) / 2, (min[1] + max[1]) / 2],
    largestCell: largestCellMetres / from.linearUnit.metres,
    tolerance: interpolatedWithin * Math.min(alongX.scale, alongY.scale),
  })
  const found = new Float64Array(2)
  let converted = new Uint8Array(0)
  return {
    header: outHeader,
    convert(records, count) {
      if (converted.length < count * length) converted = new Uint8Array(count * length)
      converted.set(records.subarray(0, count * length))
      const view = new DataView(converted.buffer)
      for (let i = 0, at = 0; i < count; i++, at += length) {
        const x = view.getInt32(at, true) * scale[0] + offset[0]
        const y = view.getInt32(at + 4, true) * scale[1] + offset[1]
        interpolated(x, y, found)
        view.setInt32(at, Math.round((found[0]! - alongX.offset) / alongX.scale), true)
        view.setInt32(at + 4, Math.round((found[1]! - alongY.offset) / alongY.scale), true)
      }
      return converted
    },
  }
}

interface Steps {
  scale: number
  offset: number
}

/** As fine as the file is, down to a power of ten, and coarser only where 32 bits would not reach from end to end. */
function stepsFor(values: number[], { scale }: LasHeader, axis: 0 | 1, from: Crs, to: Crs): Steps {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const offset = Math.floor((low + high) / 2)
  const own = (scale[axis] * from.linearUnit.metres) / to.linearUnit.metres
  const wanted = to.kind === 'geographic' ? degreeStep : Math.min(millimetre / to.linearUnit.metres, own)
  // Edges bend: what lies between the corners may reach beyond them.
  const reach = 2 * (high - low) + 1
  const finest = 10 ** Math.floor(Math.log10(wanted) + 1e-9)
  const coarsest = 10 ** Math.ceil(Math.log10(reach / largestInteger))
  return { scale: Math.max(finest, coarsest), offset }
}

/** What exports have to say of the unit of their heights, which are those of the input. */
export function heightUnitWarning(from: Crs, to: Crs, input: string): JobMessage | undefined {
  const [unit, wantedUnit] = [heightUnit(from), heightUnit(to)]
  if (Math.abs(unit.metres - wantedUnit.metres) <= 1e-9) return undefined
  return jobWarningMessage(
    'Heights_Unchanged',
    input,
    `their unit is ${unit.name}, beside ${wantedUnit.name}`,
  )
}

function heightUnit({ verticalUnit, linearUnit }: Crs) {
  return verticalUnit ?? linearUnit
}
