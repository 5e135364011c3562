// Bodies of POST and PATCH: from v1's names to the settings that the store keeps. Every fault is found, not only the
// first, and named as the client named it.
import {
  type ErrorDetail,
  guidPattern,
  JobCreate,
  JobPatch,
  type JobTypeDeclaration,
  type JobTypeName,
  jobTypeNamed,
  jobTypes,
  undeliveredTypes,
} from '@alidade/contract'
import type { TObject } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Binding, JobRecord, RequestedSettings } from '../../store/job-record.ts'
import { bodyFaults } from '../request-faults.ts'
import { entryNamedLoosely, shown, v1Name } from './declared-names.ts'
import { toCurrentBody } from './legacy-body.ts'
import { readOptions } from './option-values.ts'
import { isStorableText, storableText } from '../storable-text.ts'

const createShape = Compile(JobCreate)
const patchShape = Compile(JobPatch)
const guid = new RegExp(guidPattern)

/** The members of a body that make up the settings of a job. */
export const settingsMembers = [
  'type',
  'name',
  'inputs',
  'outputs',
  'options',
  'costEstimationParameters',
] as const

export type Read<T> = { value: T; faults?: undefined } | { value?: undefined; faults: ErrorDetail[] }

/** @param timeLimitMinutes what the header alidade-time-limit says */
export function readJobCreate(
  sent: Record<string, unknown>,
  timeLimitMinutes?: number,
): Read<{ iTwinId: string; settings: RequestedSettings }> {
  const { body, faults, targetAsSent } = toCurrentBody(sent)
  faults.push(...shapeFaults(createShape, body))
  const create = body as JobCreate
  const settings = readSettings(create, faults)
  if (settings === undefined || faults.length > 0) return { faults: renamed(faults, targetAsSent) }
  return { value: { iTwinId: create.iTwinId.toLowerCase(), settings: { ...settings, timeLimitMinutes } } }
}

export interface JobChange {
  state: 'active' | 'cancelled' | undefined
  /** All settings as they would be; undefined: the request changes none. */
  settings: RequestedSettings | undefined
  /** The names of the settings that the request holds, as the client sent them. */
  settingsSent: string[]
}

/**
 * Reads a PATCH of `job`. Whether its state allows the change is not asked here.
 * @param timeLimitMinutes what the header alidade-time-limit says; a cancel does not heed it
 */
export function readJobPatch(
  sent: Record<string, unknown>,
  job: JobRecord,
  timeLimitMinutes?: number,
): Read<JobChange> {
  const { body, faults, targetAsSent } = toCurrentBody(sent)
  faults.push(...shapeFaults(patchShape, body))
  const patch = body as JobPatch & { iTwinId?: unknown }
  const state = readState(patch.state, faults)
  if (patch.iTwinId !== undefined && String(patch.iTwinId).toLowerCase() !== job.iTwinId) {
    faults.push({
      code: 'InvalidChange',
      message: 'The iTwin of a job cannot be changed.',
      target: 'iTwinId',
    })
  }
  const members = settingsMembers.filter((name) => patch[name] !== undefined)
  const limitSent = timeLimitMinutes !== undefined && state !== 'cancelled'
  const nothingSent = members.length === 0 && patch.state === undefined && !limitSent
  if (nothingSent && faults.length === 0) {
    const message = `Expected state or at least one of ${settingsMembers.join(', ')}.`
    faults.push({ code: 'InvalidRequestBody', message })
  }
  const settings =
    members.length > 0 || limitSent ? readSettings({ ...settingsAsSent(job), ...patch }, faults) : undefined
  if (faults.length > 0) return { faults: renamed(faults, targetAsSent) }
  if (settings !== undefined) settings.timeLimitMinutes = limitSent ? timeLimitMinutes : job.timeLimitMinutes
  const settingsSent: string[] = sent.settings === undefined ? [...members] : ['settings']
  if (limitSent) settingsSent.push('alidade-time-limit')
  return { value: { state, settings, settingsSent } }
}

/** What a body would have to hold to give the job the settings it has. */
function settingsAsSent(job: JobRecord): Omit<JobCreate, 'iTwinId'> {
  const declaration: JobTypeDeclaration = jobTypes[job.type]
  return {
    type: declaration.v1 ?? job.type,
    name: job.name,
    inputs: job.inputs.map(({ name, realityDataId }) => ({
      type: v1Name(declaration.inputs, name),
      id: realityDataId,
    })),
    outputs: job.outputs.map(({ name }) => v1Name(declaration.outputs, name)),
    ...(job.optionsSent !== undefined && { options: job.optionsSent }),
    ...(job.costParameters !== undefined && { costEstimationParameters: job.costParameters as object }),
  }
}

function readState(state: unknown, faults: ErrorDetail[]): 'active' | 'cancelled' | undefined {
  if (typeof state !== 'string') return undefined
  const wanted = state.toLowerCase()
  if (wanted === 'active' || wanted === 'cancelled') return wanted
  const message = `Expected 'active' or 'cancelled' for state, got ${shown(state)}.`
  faults.push({ code: 'InvalidValue', message, target: 'state' })
  return undefined
}

/**
 * Reads those settings whose shape is right, which is what `faults` says so far, and adds what else is wrong.
 * Undefined: no settings can be made of it.
 */
function readSettings(
  body: Omit<JobCreate, 'iTwinId'>,
  faults: ErrorDetail[],
): RequestedSettings | undefined {
  const misshapen = new Set(faults.map(({ target = '' }) => target.split(/[.[]/, 1)[0]))
  if (misshapen.has('type')) return undefined
  const declaration = readType(body.type, faults)
  if (declaration === undefined) return undefined
  if (!misshapen.has('name') && !isStorableText(body.name)) {
    faults.push({ code: 'InvalidProperty', message: `Expected ${storableText} for name.`, target: 'name' })
  }
  const inputs = misshapen.has('inputs') ? [] : readInputs(declaration, body.inputs, faults)
  const outputs = misshapen.has('outputs') ? [] : readOutputs(declaration, body.outputs, faults)
  const options = misshapen.has('options') ? {} : readOptions(declaration, body.options ?? {}, faults)
  return {
    type: declaration.name as JobTypeName,
    name: body.name,
    inputs,
    outputs,
    options,
    optionsSent: body.options,
    costParameters: body.costEstimationParameters,
  }
}

function readType(type: string, faults: ErrorDetail[]): JobTypeDeclaration | undefined {
  const declaration = jobTypeNamed('v1', type)
  if (declaration !== undefined) return declaration
  const delivered = Object.values<JobTypeDeclaration>(jobTypes).flatMap(({ v1 }) => v1 ?? [])
  const message = undeliveredTypes.v1.includes(type)
    ? `Job type ${shown(type)} is not delivered by this service.`
    : `Unknown job type ${shown(type)}; expected one of ${delivered.join(', ')}.`
  faults.push({ code: 'InvalidValue', message, target: 'type' })
  return undefined
}

function readInputs(
  declaration: JobTypeDeclaration,
  inputs: JobCreate['inputs'],
  faults: ErrorDetail[],
): Binding[] {
  const bindings: Binding[] = []
  const seen = new Set<string>()
  const fault = (target: string, message: string) => faults.push({ code: 'InvalidValue', message, target })
  for (const [i, { type, id }] of inputs.entries()) {
    const named = readName('Input', declaration, declaration.inputs, type)
    if ('fault' in named) fault(`inputs[${i}].type`, named.fault)
    else if (seen.has(named.name)) fault(`inputs[${i}].type`, `Input ${shown(type)} is given twice.`)
    if (!guid.test(id)) {
      fault(`inputs[${i}].id`, `Expected the id of a reality data, which is a GUID, got ${shown(id)}.`)
    }
    if ('fault' in named) continue
    seen.add(named.name)
    bindings.push({ name: named.name, realityDataId: id.toLowerCase() })
  }
  for (const [name, { v1, required }] of Object.entries(declaration.inputs)) {
    if (!required || v1 === undefined || seen.has(name)) continue
    const message = `Input '${v1}' is required by ${declaration.v1}.`
    faults.push({ code: 'MissingRequiredProperty', message, target: 'inputs' })
  }
  return bindings
}

function readOutputs(declaration: JobTypeDeclaration, outputs: string[], faults: ErrorDetail[]): string[] {
  const names: string[] = []
  const positions = new Map<string, number>()
  const fault = (i: number, message: string) =>
    faults.push({ code: 'InvalidValue', message, target: `outputs[${i}]` })
  for (const [i, sent] of outputs.entries()) {
    const named = readName('Output', declaration, declaration.outputs, sent)
    if ('fault' in named) fault(i, named.fault)
    else if (positions.has(named.name)) fault(i, `Output ${shown(sent)} is requested twice.`)
    else {
      positions.set(named.name, i)
      names.push(named.name)
    }
  }
  for (const [name, i] of positions) {
    const base = declaration.outputs[name]?.requires
    if (base === undefined || positions.has(base)) continue
    fault(i, `Output ${shown(outputs[i])} needs '${v1Name(declaration.outputs, base)}' to be requested too.`)
  }
  return names
}

/** The internal name behind a name of v1, or why there is none. */
function readName(
  kind: 'Input' | 'Output',
  { v1: typeName }: JobTypeDeclaration,
  declarations: Record<string, { v1?: string; delivered: boolean }>,
  sent: string,
): { name: string } | { fault: string } {
  const entry = entryNamedLoosely(declarations, sent)
  if (entry?.[1].delivered === true) return { name: entry[0] }
  if (entry !== undefined) return { fault: `${kind} ${shown(sent)} is not delivered by this service.` }
  const known = Object.values(declarations).flatMap(({ v1, delivered }) => (delivered && v1) || [])
  return {
    fault: `Unknown ${kind.toLowerCase()} ${shown(sent)} of ${typeName}; expected one of ${known.join(', ')}.`,
  }
}

function shapeFaults(shape: ReturnType<typeof Compile<TObject>>, body: unknown): ErrorDetail[] {
  return shape.Check(body) ? [] : bodyFaults(shape.Errors(body), body)
}

function renamed(faults: ErrorDetail[], targetAsSent: (target: string) => string): ErrorDetail[] {
  return faults.map((fault) =>
    fault.target === undefined ? fault : { ...fault, target: targetAsSent(fault.target) },
  )
}
