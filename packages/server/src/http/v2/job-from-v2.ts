// The body of POST: from v2's names to the settings that the store keeps. Every fault is found, not only the first, and
// named as the client named it.
import {
  type DeclaredJobType,
  type ErrorDetail,
  guidPattern,
  JobCreateV2,
  type JobTypeName,
} from '@alidade/contract'
import { Compile } from 'typebox/compile'
import type { Binding, RequestedSettings } from '../../store/job-record.ts'
import { shown } from '../jobs/declared-names.ts'
import { missingInputs, readName, readOutputs, readType } from '../jobs/job-names.ts'
import { v2Places } from '../jobs/job-places.ts'
import { readOptions } from '../jobs/option-values.ts'
import { bodyFaults } from '../request-faults.ts'
import { isStorableText, storableText } from '../storable-text.ts'

const shape = Compile(JobCreateV2)
const guid = new RegExp(guidPattern)

export type ReadCreate =
  | { value: { iTwinId: string; settings: RequestedSettings }; faults?: undefined }
  | { value?: undefined; faults: ErrorDetail[] }

/** @param timeLimitMinutes what the header alidade-time-limit says */
export function readJobCreate(body: Record<string, unknown>, timeLimitMinutes?: number): ReadCreate {
  if (!shape.Check(body)) return { faults: bodyFaults(shape.Errors(body), body) }
  const { type, name = '', iTwinId, specifications } = body as JobCreateV2
  const faults: ErrorDetail[] = []
  if (!isStorableText(name)) {
    faults.push({ code: 'InvalidProperty', message: `Expected ${storableText} for name.`, target: 'name' })
  }
  const declaration = readType('v2', type, faults)
  if (declaration === undefined) return { faults }
  const inputs = readInputs(declaration, specifications.inputs, faults)
  const outputs = readOutputs(declaration, specifications.outputs, v2Places, faults)
  const options = readOptions(declaration, specifications.options ?? {}, v2Places, faults)
  if (faults.length > 0) return { faults }
  const settings = { type: declaration.name as JobTypeName, name, inputs, outputs, options, timeLimitMinutes }
  return {
    value: {
      iTwinId: iTwinId.toLowerCase(),
      settings: { ...settings, optionsSent: undefined, costParameters: undefined },
    },
  }
}

function readInputs(
  declaration: DeclaredJobType,
  inputs: JobCreateV2['specifications']['inputs'],
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

/** What was expected of the value of an input; undefined when it is that. */
function valueProblem(
  { kind = 'realityData', many }: DeclaredJobType['inputs'][string],
  value: string | string[],
): string | undefined {
  if (many !== Array.isArray(value) && (many || Array.isArray(value))) {
    return many ? 'Expected a list' : 'Expected one value and no list'
  }
  const values = Array.isArray(value) ? value : [value]
  if (!values.every(isStorableText)) return `Expected ${storableText}`
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
