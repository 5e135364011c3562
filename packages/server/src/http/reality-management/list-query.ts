// The parameters of a list of reality data: text in, RealityDataQuery out.
import { Compile } from 'typebox/compile'
import { type ErrorDetail, Extent, guidPattern } from '@alidade/contract'
import {
  type Interval,
  type OrderProperty,
  orderProperties,
  type RealityDataQuery,
} from '../../store/reality-data-store.ts'
import { isStorableText, storableText } from '../storable-text.ts'
import { readDate } from './wire-date.ts'

/** What is listed, and in which order; not how much of it. */
export type ListedRealityData = Omit<RealityDataQuery, 'org' | 'top' | 'after'>

/** `nothing`: the parameters cannot match anything, whatever is stored. */
export type ReadParameters = { listed: ListedRealityData; nothing: boolean; faults: ErrorDetail[] }

const guid = new RegExp(guidPattern)
const extent = Compile(Extent)
const endOfDayMs = 86_399_000

/** Reads the parameters by their names in the contract; each that cannot be understood is a fault. */
export function readListParameters(parameters: Record<string, string>): ReadParameters {
  const faults: ErrorDetail[] = []
  const read = <T>(name: string, expected: string, reader: (text: string) => T | undefined) => {
    const text = parameters[name]
    if (text === undefined) return undefined
    const value = isStorableText(text) ? reader(text) : undefined
    if (value === undefined) {
      const wanted = isStorableText(text) ? `${expected}, got '${text.slice(0, 60)}'` : storableText
      faults.push({
        code: 'InvalidParameter',
        message: `Parameter '${name}' must be ${wanted}.`,
        target: name,
      })
    }
    return value
  }
  const asItIs = (text: string) => text
  const interval = (name: string) =>
    read(name, "two ISO 8601 dates as in 'start/end', the first not after the second", readInterval)

  const order = `one of ${orderProperties.join(', ')}, then 'asc' or 'desc' or nothing`
  const listed: ListedRealityData = {
    iTwinId: read('iTwinId', 'a GUID', (text) => (guid.test(text) ? text : undefined)),
    types: read('types', 'names joined by commas', readTypes),
    search: read('$search', 'text', asItIs),
    ownerId: read('ownerId', 'text', asItIs),
    tag: read('tag', 'text', (text) => text.toLowerCase()),
    orderBy: read('$orderBy', order, readOrder),
    extent: read('extent', "four numbers of degrees as in 'swLon,swLat,neLon,neLat'", readExtent),
    created: interval('createdDateTime'),
    modified: interval('modifiedDateTime'),
    lastAccessed: interval('lastAccessedDateTime'),
    acquired: interval('acquisitionDateTime'),
  }
  const dataCenter = read('dataCenter', 'text', asItIs)
  return { listed, nothing: dataCenter !== undefined && dataCenter.toLowerCase() !== 'local', faults }
}

function readTypes(text: string): string[] | undefined {
  const types = text
    .split(',')
    .map((type) => type.trim())
    .filter((type) => type !== '')
  return types.length > 0 ? types : undefined
}

function readOrder(text: string): RealityDataQuery['orderBy'] {
  const [name = '', direction = 'asc', ...more] = text.trim().toLowerCase().split(/\s+/)
  const property: OrderProperty | undefined = orderProperties.find((known) => known.toLowerCase() === name)
  if (property === undefined || more.length > 0 || !['asc', 'desc'].includes(direction)) return undefined
  return { property, descending: direction === 'desc' }
}

function readExtent(text: string): Extent | undefined {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  const [swLon, swLat, neLon, neLat, ...more] = numbers
  const value = {
    southWest: { latitude: swLat, longitude: swLon },
    northEast: { latitude: neLat, longitude: neLon },
  }
  if (more.length > 0 || !extent.Check(value)) return undefined
  return value.southWest.latitude <= value.northEast.latitude ? value : undefined
}

function readInterval(text: string): Interval | undefined {
  const [start, end, ...more] = text.split('/')
  if (start === undefined || end === undefined || more.length > 0) return undefined
  const from = start === '..' ? undefined : readDate(start)
  const last = end === '..' ? undefined : readDate(end)
  if ((start !== '..' && !from) || (end !== '..' && !last)) return undefined
  // A day as the end means all of it.
  const to = last && /^\d{4}-\d{2}-\d{2}$/.test(end) ? new Date(last.getTime() + endOfDayMs) : last
  return from && to && to < from ? undefined : { from, to }
}
