// A validator by other people than the one the service uses, so that both have to agree on what a schema means.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { TSchema } from 'typebox'

const ajv = new Ajv2020({ strict: true, allErrors: true })
formats.default(ajv)
const compiled = new Map<TSchema, ValidateFunction>()

/** What is wrong with `value` under `schema`; empty when nothing is. */
export function schemaFaults(schema: TSchema, value: unknown): string[] {
  const validate = compiled.get(schema) ?? ajv.compile(JSON.parse(JSON.stringify(schema)))
  compiled.set(schema, validate)
  if (validate(value)) return []
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}
