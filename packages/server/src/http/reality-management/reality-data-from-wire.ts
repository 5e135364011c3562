// What a client sets, checked beyond its schema and brought into the form that is kept.
import { type ErrorDetail, type RealityDataUpdate, RealityDataUpdate as schema } from '@alidade/contract'
import type { RealityDataProperties } from '../../store/reality-data-store.ts'
import { isStorableText, storableText } from '../storable-text.ts'
import { realityDataFaults } from './reality-data-faults.ts'
import { wireDate } from './reality-data-to-wire.ts'
import { readDate } from './wire-date.ts'

type Properties = Partial<RealityDataProperties>

/**
 * The known properties of a body that fits its schema: tags in lower case and each once, dates in UTC, whole seconds.
 * Throws a 422 with every fault found.
 */
export function readProperties(body: RealityDataUpdate): Properties {
  const faults: ErrorDetail[] = []
  const fault = (target: string, expected: string) =>
    faults.push({ code: 'InvalidProperty', message: `Property '${target}' ${expected}.`, target })

  const names = Object.keys(schema.properties) as (keyof RealityDataUpdate)[]
  const known: RealityDataUpdate = Object.fromEntries(
    names.flatMap((name) => (body[name] === undefined ? [] : [[name, body[name]]])),
  )
  for (const [target, text] of textsIn(known, '')) {
    if (!isStorableText(text)) fault(target, `must be ${storableText}`)
  }
  for (const target of ['displayName', 'description', 'dataset', 'group'] as const) {
    if (!isPlainText(known[target] ?? '')) {
      fault(target, "must not hold URLs or code ('<', '>', 'http://', 'https://')")
    }
  }
  for (const target of ['displayName', 'type'] as const) {
    if (known[target]?.trim() === '') fault(target, 'must not be blank')
  }
  const properties: Properties = {
    ...known,
    ...(known.tags && { tags: readTags(known.tags) }),
    ...(known.acquisition && { acquisition: readAcquisition(known.acquisition, fault) }),
  }
  const { extent } = known
  if (extent !== undefined && extent.southWest.latitude > extent.northEast.latitude) {
    fault('extent', 'must have its southWest corner south of its northEast corner')
  }
  if (faults.length > 0) throw realityDataFaults(...faults)
  return properties
}

/** Texts that people read in other programs hold neither links nor markup. */
function isPlainText(text: string): boolean {
  return !/[<>]|https?:\/\//i.test(text)
}

function readTags(tags: string[]): string[] {
  return [...new Set(tags.map((tag) => tag.toLowerCase()))]
}

function readAcquisition(
  acquisition: NonNullable<RealityDataUpdate['acquisition']>,
  fault: (target: string, expected: string) => void,
): NonNullable<Properties['acquisition']> {
  const { startDateTime, endDateTime, ...rest } = acquisition
  const start = startDateTime === undefined ? undefined : readDate(startDateTime)
  const end = endDateTime === undefined ? undefined : readDate(endDateTime)
  const expected = 'must be a date-time in the years 1 to 9999'
  if (startDateTime !== undefined && !start) fault('acquisition.startDateTime', expected)
  if (endDateTime !== undefined && !end) fault('acquisition.endDateTime', expected)
  if (start && end && end < start) fault('acquisition.endDateTime', 'must not be before startDateTime')
  return {
    ...(start && { startDateTime: wireDate(start) }),
    ...(end && { endDateTime: wireDate(end) }),
    ...rest,
  }
}

/** Every text in `value` with its path, as in `tags[0]` and `crs.id`. */
function* textsIn(value: unknown, path: string): Generator<[path: string, text: string]> {
  if (typeof value === 'string') yield [path, value]
  if (typeof value !== 'object' || value === null) return
  for (const [name, member] of Object.entries(value)) {
    const step = Array.isArray(value) ? `[${name}]` : path === '' ? name : `.${name}`
    yield* textsIn(member, path + step)
  }
}
