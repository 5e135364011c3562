// Turns what the validator says about a request into the details of our error object.
import { type ErrorDetail, guidPattern } from '@alidade/contract'
import type { TLocalizedValidationError } from 'typebox/error'

/** Details of a body that does not fit its schema, one for each property at fault. */
export function bodyFaults(errors: TLocalizedValidationError[], body: unknown): ErrorDetail[] {
  return oneForEachTarget(
    leaves(errors).flatMap((error): ErrorDetail[] => {
      const path = propertyPath(error.instancePath)
      if (error.keyword === 'required') {
        return error.params.requiredProperties.map((name) => {
          const target = path === '' ? name : `${path}.${name}`
          return { code: 'MissingRequiredProperty', message: `Property '${target}' is required.`, target }
        })
      }
      if (error.keyword === 'additionalProperties') {
        return error.params.additionalProperties.map((name) => {
          const target = path === '' ? name : `${path}.${name}`
          return { code: 'InvalidProperty', message: `Property '${target}' is not known.`, target }
        })
      }
      // What `additionalProperties: false` says of each property that it forbids.
      if (error.keyword === 'boolean') {
        return [{ code: 'InvalidProperty', message: `Property '${path}' is not known.`, target: path }]
      }
      if (path === '') {
        return [{ code: 'InvalidRequestBody', message: `The request body ${expectation(error)}.` }]
      }
      const code = error.keyword === 'enum' || error.keyword === 'const' ? 'InvalidValue' : 'InvalidProperty'
      const came = shown(valueAt(body, error.instancePath))
      return [{ code, message: `Property '${path}' ${expectation(error)}, got ${came}.`, target: path }]
    }),
  )
}

/** Details of path, query or header parameters that do not fit their schema. */
export function parameterFaults(errors: TLocalizedValidationError[], parameters: unknown): ErrorDetail[] {
  return oneForEachTarget(
    leaves(errors).flatMap((error): ErrorDetail[] => {
      if (error.keyword === 'required') {
        return error.params.requiredProperties.map((target) => ({
          code: 'InvalidParameter',
          message: `Parameter '${target}' is required.`,
          target,
        }))
      }
      const target = propertyPath(error.instancePath)
      const came = shown(valueAt(parameters, error.instancePath))
      const message = `Parameter '${target}' ${expectation(error)}, got ${came}.`
      return [{ code: 'InvalidParameter', message, target }]
    }),
  )
}

/** Without what the branches of a union say: that none of them fits is said once, for the union. */
function leaves(errors: TLocalizedValidationError[]): TLocalizedValidationError[] {
  const unions = errors
    .filter((error) => error.keyword === 'anyOf')
    .map((error) => `${error.schemaPath}/anyOf/`)
  return errors.filter((error) => !unions.some((union) => `${error.schemaPath}/`.startsWith(union)))
}

function oneForEachTarget(details: ErrorDetail[]): ErrorDetail[] {
  const seen = new Set<string | undefined>()
  return details.filter(({ target }) => {
    if (seen.has(target)) return false
    seen.add(target)
    return true
  })
}

/** `/inputs/0/id` becomes `inputs[0].id`. */
function propertyPath(instancePath: string): string {
  return pointerParts(instancePath)
    .map((part, i) => (/^\d+$/.test(part) ? `[${part}]` : i === 0 ? part : `.${part}`))
    .join('')
}

function pointerParts(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function valueAt(value: unknown, pointer: string): unknown {
  let at = value
  for (const part of pointerParts(pointer)) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined
    at = (at as Record<string, unknown>)[part]
  }
  return at
}

function expectation(error: TLocalizedValidationError): string {
  switch (error.keyword) {
    case 'type': {
      const types = Array.isArray(error.params.type) ? error.params.type : [error.params.type]
      return `must be ${types.map((type) => (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`)).join(' or ')}`
    }
    case 'enum':
      return `must be one of ${error.params.allowedValues.map(shown).join(', ')}`
    case 'const':
      return `must be ${shown(error.params.allowedValue)}`
    case 'minLength':
      return `must have at least ${error.params.limit} character${plural(error.params.limit)}`
    case 'maxLength':
      return `must have at most ${error.params.limit} character${plural(error.params.limit)}`
    case 'minItems':
      return `must have at least ${error.params.limit} item${plural(error.params.limit)}`
    case 'maxItems':
      return `must have at most ${error.params.limit} item${plural(error.params.limit)}`
    case 'minimum':
      return `must be at least ${error.params.limit}`
    case 'maximum':
      return `must be at most ${error.params.limit}`
    case 'pattern':
      return String(error.params.pattern).includes(guidPattern.slice(1, -1))
        ? 'must be a GUID'
        : `must match ${error.params.pattern}`
    case 'format':
      return `must be a ${error.params.format}`
    default:
      return error.message
  }
}

function plural(count: number): string {
  return count === 1 ? '' : 's'
}

/** A value as it came, cut so that an error stays one readable line. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array'
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = typeof value === 'string' ? `'${value}'` : String(value)
  return text.length <= 60 ? text : `${text.slice(0, 57)}...'`
}
