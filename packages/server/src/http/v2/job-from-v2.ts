// The body of POST: from v2's names to the settings that the store keeps. Every fault is found, not only the first, and
// named as the client named it.
import {
  type DeclaredJobType,
  type ErrorDetail,
  guidPattern,
  JobCreateV2,
  type JobTypeName,
} from '@alidade/contract'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Binding, RequestedSettings } from '../../store/job-record.ts'
import { shown } from '../jobs/declared-names.ts'
import { missingInputs, readName, readOutputs, readType } from '../jobs/job-names.ts'
import { v2Places } from '../jobs/job-places.ts'
import { readOptions } from '../jobs/option-values.ts'
import { readOwnOptions, type SettingHeaders } from '../jobs/own-options.ts'
import { bodyFaults } from '../request-faults.ts'
import { isStorableText, storableText } from '../storable-text.ts'

const { specifications, ...members } = JobCreateV2.properties
// What an input may be depends on the input.
const inputs = Type.Record(Type.String(), Type.Unknown())
const shape = Compile(
  Type.Object({ ...members, specifications: Type.Object({ ...specifications.properties, inputs }) }),
)
const guid = new RegExp(guidPattern)

export type ReadCreate =
  | { value: { iTwinId: string; settings: RequestedSettings }; faults?: undefined }
  | { value?: undefined; faults: ErrorDetail[] }

/** Headers may hold settings that the published body has no place for. */
export function readJobCreate(body: Record<string, unknown>, headers: SettingHeaders = {}): ReadCreate {
  const faults = shape.Check(body) ? [] : bodyFaults(shape.Errors(body), body)
  const misshapen = (part: string) => faults.some(({ target = '' }) => `${target}[`.startsWith(`${part}[`))
  if (misshapen('type') || misshapen('specifications')) return { faults }
  const { type, name = '', iTwinId, specifications } = body as JobCreateV2
  if (!misshapen('name') && !isStorableText(name)) {
    faults.push({ code: 'InvalidProperty', message: `Expected ${storableText} for name.`, target: 'name' })
  }
  const declaration = readType('v2', type, faults)
  if (declaration === undefined) return { faults }
  const read = <T>(part: keyof typeof specifications, reader: () => T, otherwise: T) =>
    misshapen(`specifications.${part}`) ? otherwise : reader()
  const settings = {
    type: declaration.name as JobTypeName,
    name,
    inputs: read('inputs', () => readInputs(declaration, specifications.inputs, faults), []),
    outputs: read('outputs', () => readOutputs(declaration, specifications.outputs, v2Places, faults), []),
    options: {
      ...read('options', () => readOptions(declaration, specifications.options ?? {}, v2Places, faults), {}),
      ...readOwnOptions(declaration, headers, faults),
    },
    ...{ timeLimitMinutes: headers['alidade-time-limit'], optionsSent: undefined, costParameters: undefined },
  }
  return faults.length > 0 ? { faults } : { value: { iTwinId: iTwinId.toLowerCase(), settings } }
}

function readInputs(
  declaration: DeclaredJobType,
  inputs: Record<string, unknown>,
  faults: ErrorDetail[],
): Binding[] {
  const bindings: Binding[] = []
  const seen = new Set<string>()
  for (const [i, [sent, value]] of Object.entries(inputs).entries()) {
    const target = v2Places.input(i, sent)
    const named = readName('inputs', declaration, 'v2', sent)
    if ('fault' in named) faults.push({ code: 'InvalidProperty', message: named.fault, target })
    else if (seen.has(named.name))
      faults.push({ code: 'InvalidProperty', message: `Input ${shown(sent)} is given twice.`, target })
    if ('fault' in named) continue
    seen.add(named.name)
    const problem = valueProblem(declaration.inputs[named.name]!, value)
    if (problem !== undefined)
      faults.push({ code: 'InvalidValue', message: `${problem}, got ${shown(value)}.`, target })
    const id = String(value)
    bindings.push({ name: named.name, realityDataId: guid.test(id) ? id.toLowerCase() : id })
  }
  for (const name of missingInputs(declaration, 'v2', seen)) {
    faults.push({
      code: 'MissingRequiredProperty',
      message: `Input '${name}' is required by ${declaration.v2}.`,
      target: v2Places.input(0, name),
    })
  }
  return bindings
}

const longestValue = 1024

/** What was expected of the value of an input; undefined when it is that. */
function valueProblem(
  { kind = 'realityData', many }: DeclaredJobType['inputs'][string],
  value: unknown,
): string | undefined {
  if (Array.isArray(value) !== (many === true))
    return many ? 'Expected a list' : 'Expected one value and no list'
  const values: unknown[] = Array.isArray(value) ? value : [value]
  if (!values.every(isShortText)) return `Expected a text of 1 to ${longestValue} characters`
  switch (kind) {
    case 'realityData':
      return values.every((one) => guid.test(one))
        ? undefined
        : 'Expected the id of a reality data, which is a GUID'
    case 'bucketFile':
      return values.every((one) => /^bkt:./s.test(one))
        ? undefined
        : "Expected 'bkt:' and the path of a file in the bucket"
    case 'detector':
    case 'name':
      return undefined
  }
}

function isShortText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= longestValue && isStorableText(value)
}
