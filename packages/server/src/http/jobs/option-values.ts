// Options of a job, from the names and spellings of an API version to typed values by internal name.
// Published v1 clients send strings ("true", "10", "0.5"), its documents show typed values, and both are read; v2 is typed.
import type { ErrorDetail } from '@alidade/contract'
import {
  type ApiVersion,
  type DeclaredJobType,
  isDelivered,
  type JobTypeName,
  type OptionDeclaration,
} from '@alidade/contract/jobs'
import { jobTypeImplementations } from '@alidade/jobs'
import { isStorableText } from '../storable-text.ts'
import { entryNamedLoosely, shown } from './declared-names.ts'
import type { JobPlaces } from './job-places.ts'

export type OptionValue = number | boolean | string

/** Reads every option; what is wrong with them is added to `faults`. */
export function readOptions(
  declaration: DeclaredJobType,
  sent: Record<string, unknown>,
  { version, option: targetOf }: Pick<JobPlaces, 'version' | 'option'>,
  faults: ErrorDetail[],
): Record<string, OptionValue> {
  const options: Record<string, OptionValue> = {}
  const sentNames = new Map<string, string>()
  for (const [name, value] of Object.entries(sent)) {
    const target = targetOf(name)
    const entry = entryNamedLoosely(declaration.options, version, name)
    if (entry === undefined) {
      const known = Object.values<OptionDeclaration>(declaration.options).flatMap((one) => one[version] ?? [])
      const message = `Unknown option ${shown(name)} of ${declaration[version]}; expected one of ${known.join(', ')}.`
      faults.push({ code: 'InvalidProperty', message, target })
      continue
    }
    const [internalName, option] = entry
    const twin = sentNames.get(internalName)
    if (twin !== undefined) {
      faults.push({
        code: 'InvalidProperty',
        message: `Option ${shown(name)} repeats ${shown(twin)}.`,
        target,
      })
      continue
    }
    sentNames.set(internalName, name)
    const read = readOption(name, option, value, version)
    if ('fault' in read) faults.push({ code: 'InvalidValue', message: read.fault, target })
    else options[internalName] = read.value
  }
  checkHysteresis(options, sentNames, targetOf, faults)
  if (!isDelivered(declaration)) return options
  const implementation = jobTypeImplementations[declaration.name as JobTypeName]
  for (const { option, problem } of implementation.optionFaults?.(options) ?? []) {
    const sentName = sentNames.get(option) ?? option
    const message = `Option ${shown(sentName)} cannot be used: ${problem}`
    faults.push({ code: 'InvalidValue', message, target: targetOf(sentName) })
  }
  return options
}

const kinds = {
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  string: 'a text',
  strings: 'a list of texts',
}

function readOption(
  name: string,
  option: OptionDeclaration,
  value: unknown,
  version: ApiVersion,
): { value: OptionValue } | { fault: string } {
  const typed = typedValue(option.type, value, { parsesText: version === 'v1' })
  if (typed === undefined)
    return { fault: `Expected ${kinds[option.type]} for ${name}, got ${shown(value)}.` }
  const { minimum, exclusiveMinimum, maximum, oneOf, pattern } = option
  const texts = option.type === 'strings' ? String(typed).split(',') : [String(typed)]
  if (oneOf !== undefined && !texts.every((text) => oneOf.includes(text))) {
    return { fault: `Expected ${oneOf.join(', ')} for ${name}, got ${shown(value)}.` }
  }
  if (pattern !== undefined && !new RegExp(pattern).test(String(typed))) {
    return { fault: `Expected ${name} to match ${pattern}, got ${shown(value)}.` }
  }
  if (minimum !== undefined && Number(typed) < minimum) {
    return { fault: `Expected ${name} to be at least ${minimum}, got ${shown(value)}.` }
  }
  if (exclusiveMinimum !== undefined && Number(typed) <= exclusiveMinimum) {
    return { fault: `Expected ${name} to be above ${exclusiveMinimum}, got ${shown(value)}.` }
  }
  if (maximum !== undefined && Number(typed) > maximum) {
    return { fault: `Expected ${name} to be at most ${maximum}, got ${shown(value)}.` }
  }
  return { value: typed }
}

/** The value in the declared type; undefined when it does not mean one. */
function typedValue(
  type: OptionDeclaration['type'],
  value: unknown,
  { parsesText }: { parsesText: boolean },
): OptionValue | undefined {
  switch (type) {
    case 'string':
      return typeof value === 'string' && isStorableText(value) ? value : undefined
    case 'boolean': {
      if (typeof value === 'boolean') return value
      const word = parsesText && typeof value === 'string' ? value.trim().toLowerCase() : ''
      return word === 'true' ? true : word === 'false' ? false : undefined
    }
    case 'number':
    case 'integer': {
      const number = parsesText && typeof value === 'string' ? decimalNumber(value) : value
      if (typeof number !== 'number' || !Number.isFinite(number)) return undefined
      return type === 'integer' && !Number.isSafeInteger(number) ? undefined : number
    }
    case 'strings':
      // None that is delivered has such an option; a list of names is kept as one text.
      return Array.isArray(value) && value.every((one) => typeof one === 'string')
        ? value.join(',')
        : undefined
  }
}

/** `Number` also reads '', '0x10' and 'Infinity'; nobody means those as an option. */
function decimalNumber(text: string): number | undefined {
  const digits = text.trim()
  return /^[-+.\deE]+$/.test(digits) ? Number(digits) : undefined
}

/** Of a pair of thresholds `...Low` and `...High`, the low one must not be above the high one. */
function checkHysteresis(
  options: Record<string, OptionValue>,
  sentNames: Map<string, string>,
  targetOf: JobPlaces['option'],
  faults: ErrorDetail[],
): void {
  for (const [lowName, low] of Object.entries(options)) {
    if (!lowName.endsWith('Low')) continue
    const highName = `${lowName.slice(0, -'Low'.length)}High`
    const high = options[highName]
    if (high === undefined || Number(low) <= Number(high)) continue
    const [lowSent, highSent] = [sentNames.get(lowName) ?? lowName, sentNames.get(highName)]
    const message = `Expected ${lowSent} not to be above ${highSent}, got ${low} and ${high}.`
    faults.push({ code: 'InvalidValue', message, target: targetOf(lowSent) })
  }
}
