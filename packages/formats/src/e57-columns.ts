// The columns that all scans of an E57 file have together, and how the fields of one scan come into them.
import type { E57Field, E57Scan } from './e57-scans.ts'
import type { CloudColumn } from './foreign-cloud.ts'
import { corrupt } from './format-error.ts'

/** How a field comes into its column: value * scale + offset. */
export type E57Mapping = {
  /** Index of the field. */
  readonly field: number
  /** Index of the column. */
  readonly column: number
  readonly scale: number
  readonly offset: number
}

/** Where a point is: three numbers along axes, or a range and two angles; and what says that it is nowhere. */
export type E57Place = {
  readonly spherical: boolean
  readonly fields: readonly [number, number, number]
  readonly invalidState?: number
}

/** LAS counts GPS seconds from a billion on. */
const adjustedGpsSeconds = 1e9

export function placeOf({ fields, place }: E57Scan): E57Place {
  const indexOf = (name: string) => fields.findIndex((field) => field.name === name && isNumber(field))
  for (const [spherical, names, state] of [
    [false, ['cartesianX', 'cartesianY', 'cartesianZ'], 'cartesianInvalidState'],
    [true, ['sphericalRange', 'sphericalAzimuth', 'sphericalElevation'], 'sphericalInvalidState'],
  ] as const) {
    const found = names.map(indexOf) as [number, number, number]
    if (found.some((index) => index < 0)) continue
    const invalidState = indexOf(state)
    return { spherical, fields: found, ...(invalidState >= 0 && { invalidState }) }
  }
  throw corrupt(place, 'cartesian or spherical coordinates', 'neither')
}

/** Every number of every scan that is not a place, by name; of more than one scan, which one it was as well. */
export function columnsOf(scans: readonly E57Scan[], timed: boolean): CloudColumn[] {
  const columns = new Map<string, CloudColumn>()
  for (const scan of scans) {
    for (const [, field] of otherFields(scan)) {
      const name = columnName(field, timed)
      const type = name === field.name ? field.type : 'float64'
      const before = columns.get(name)
      if (before !== undefined) {
        columns.set(name, { ...before, type: before.type === type ? type : 'float64' })
        continue
      }
      const range = scan.limits.get(field.name)
      columns.set(name, { name, type, ...(range && { range }) })
    }
  }
  if (scans.length > 1) columns.set(scanColumn, { name: scanColumn, type: 'uint16' })
  return [...columns.values()]
}

/** LAS has a dimension for where a point comes from. */
export const scanColumn = 'pointSourceId'

export function mappingsOf(scan: E57Scan, columns: readonly CloudColumn[], timed: boolean): E57Mapping[] {
  return otherFields(scan).map(([field, description]) => {
    const fieldName = description.name
    const name = columnName(description, timed)
    const column = columns.findIndex((candidate) => candidate.name === name)
    const at = { field, column }
    if (fieldName === 'returnIndex') return { ...at, scale: 1, offset: 1 }
    if (fieldName === 'timeStamp' && timed)
      return { ...at, scale: 1, offset: scan.start! - adjustedGpsSeconds }
    return { ...at, ...betweenRanges(scan.limits.get(fieldName), columns[column]!.range) }
  })
}

/** The same share of another scale, where both scans say theirs. */
function betweenRanges(
  own: readonly [number, number] | undefined,
  wanted: readonly [number, number] | undefined,
) {
  if (!own || !wanted || !(own[1] > own[0]) || !(wanted[1] > wanted[0])) return { scale: 1, offset: 0 }
  if (own[0] === wanted[0] && own[1] === wanted[1]) return { scale: 1, offset: 0 }
  const scale = (wanted[1] - wanted[0]) / (own[1] - own[0])
  return { scale, offset: wanted[0] - own[0] * scale }
}

function columnName({ name }: E57Field, timed: boolean): string {
  if (name === 'returnIndex') return 'returnNumber'
  return name === 'timeStamp' && timed ? 'gpsTime' : name
}

function otherFields(scan: E57Scan): [index: number, field: E57Field][] {
  const { fields, invalidState } = placeOf(scan)
  const taken = [...fields, invalidState]
  return [...scan.fields.entries()].filter(([index, field]) => !taken.includes(index) && isNumber(field))
}

function isNumber({ stored }: E57Field): boolean {
  return stored.kind !== 'string'
}
