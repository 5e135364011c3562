// Path, query and header parameters as a schema of the contract declares them: names matched without case, numbers
// and booleans read from text, defaults filled in. What is not declared is left out.
import type { TSchema } from 'typebox'

interface PropertySchema {
  type?: string
  default?: unknown
}

/** How the named parameters are picked from what Fastify parsed. */
export type ParameterReader = (raw: Record<string, unknown>) => Record<string, unknown>

/**
 * Reads the properties of `schema`. An empty value counts as absent (clients send `continuationToken=` on the first
 * page), a repeated name is joined with commas, and a number or boolean that cannot be read as one stays text, so
 * that the validator says so.
 */
export function queryReader(schema: TSchema): ParameterReader {
  const properties = propertiesOf(schema)
  const nameOf = new Map(properties.map(([name]) => [name.toLowerCase(), name]))
  const exact = exactReader(properties)
  return (raw) => {
    const texts: Record<string, string> = {}
    for (const key of Object.keys(raw)) {
      const name = nameOf.get(key.toLowerCase())
      const text = name === undefined ? '' : joined(raw[key])
      if (name === undefined || text === '') continue
      texts[name] = Object.hasOwn(texts, name) ? `${texts[name]},${text}` : text
    }
    return exact(texts)
  }
}

/** The same for the segments of a path, whose names are those of the declaration. */
export function pathReader(schema: TSchema): ParameterReader {
  return exactReader(propertiesOf(schema))
}

/** The same for headers, whose names Node has made lower-case; a declaration may write them as it likes. */
export function headerReader(schema: TSchema): ParameterReader {
  return exactReader(propertiesOf(schema), (name) => name.toLowerCase())
}

function exactReader(
  properties: [string, PropertySchema][],
  keyOf = (name: string): string => name,
): ParameterReader {
  const keyed = properties.map(([name, property]) => ({ name, property, key: keyOf(name) }))
  return (raw) => {
    const read: Record<string, unknown> = {}
    for (const { name, property, key } of keyed) {
      const text = Object.hasOwn(raw, key) ? joined(raw[key]) : ''
      const value = text === '' ? property.default : readText(text, property.type)
      if (value !== undefined) read[name] = value
    }
    return read
  }
}

function propertiesOf(schema: TSchema): [string, PropertySchema][] {
  return Object.entries((schema as { properties?: Record<string, PropertySchema> }).properties ?? {})
}

function joined(value: unknown): string {
  return Array.isArray(value) ? value.filter((part) => part !== '').join(',') : String(value ?? '')
}

function readText(text: string, type: string | undefined): unknown {
  if ((type === 'integer' || type === 'number') && /^-?\d{1,15}(\.\d+)?$/.test(text)) return Number(text)
  if (type === 'boolean' && /^(true|false)$/i.test(text)) return text.toLowerCase() === 'true'
  return text
}

/** Whether every percent-escape of a URL's query stands for valid UTF-8. */
export function queryDecodes(url: string): boolean {
  const start = url.indexOf('?')
  if (start === -1 || !url.includes('%', start)) return true
  try {
    decodeURIComponent(url.slice(start + 1))
    return true
  } catch {
    return false
  }
}
