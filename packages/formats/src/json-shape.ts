// Turns parsed JSON of unknown origin into typed values, or says at which path it breaks the model.
import { FormatError } from './format-error.ts'

export type JsonObject = Readonly<Record<string, unknown>>

/**
 * A JSON object. `JSON.parse` makes `__proto__` a plain own key, which harms nobody as long as objects are read
 * by known names and collected in Maps: nothing here assigns by a name from the file.
 */
export function objectAt(value: unknown, path: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(path, 'an object', value)
  return value as JsonObject
}

export function stringAt(object: JsonObject, key: string, path: string): string {
  const value = object[key]
  if (typeof value !== 'string') throw invalid(`${path}.${key}`, 'a string', value)
  return value
}

export function numberAt(object: JsonObject, key: string, path: string): number {
  const value = object[key]
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid(`${path}.${key}`, 'a number', value)
  return value
}

export function integerAt(object: JsonObject, key: string, path: string): number {
  const value = object[key]
  if (!Number.isSafeInteger(value)) throw invalid(`${path}.${key}`, 'a whole number', value)
  return value as number
}

/** What `read` makes of the value under the key; undefined when it is absent or null. */
export function optional<T>(
  object: JsonObject,
  key: string,
  read: (value: unknown, path: string) => T,
): T | undefined {
  const value = object[key]
  return value == null ? undefined : read(value, `$.${key}`)
}

function invalid(path: string, expected: string, got: unknown): FormatError {
  return new FormatError('Invalid', path, `expected ${expected}, got ${shownJson(got)}`)
}

/** Objects by their kind only: writing one out may take as long, and nest as deep, as the file likes. */
export function shownJson(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : String(value)
}
