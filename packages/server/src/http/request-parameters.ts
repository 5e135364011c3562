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
export function parameterReader(schema: TSchema): ParameterReader {
  const properties = Object.entries(
    (schema as { properties?: Record<string, PropertySchema> }).properties ?? {},
  )
  const nameOf = new Map(properties.map(([name]) => [name.toLowerCase(), name]))
  return (raw) => {
    const texts: Record<string, string> = {}
    for (const key of Object.keys(raw)) {
      const name = nameOf.get(key.toLowerCase())
      if (name === undefined) continue
      const value = raw[key]
      const text = Array.isArray(value) ? value.filter((part) => part !== '').join(',') : String(value ?? '')
      if (text === '') continue
      texts[name] = Object.hasOwn(texts, name) ? `${texts[name]},${text}` : text
    }
    const read: Record<string, unknown> = {}
    for (const [name, property] of properties) {
      const text = Object.hasOwn(texts, name) ? texts[name] : undefined
      const value = text === undefined ? property.default : readText(text, property.type)
      if (value !== undefined) read[name] = value
    }
    return read
  }
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
