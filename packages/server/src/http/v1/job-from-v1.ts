// Bodies of POST and PATCH: from v1's names to the settings that the store keeps. Every fault is found, not only the
// first, and named as the client named it.
import {
  type ErrorDetail,
  type DeclaredJobType,
  guidPattern,
  JobCreate,
  JobPatch,
  type JobTypeName,
  jobTypes,
} from '@alidade/contract'
import type { TObject } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Binding, JobRecord, RequestedSettings } from '../../store/job-record.ts'
import { nameIn, shown } from '../jobs/declared-names.ts'
import { missingInputs, readName, readOutputs, readType } from '../jobs/job-names.ts'
import { v1Places } from '../jobs/job-places.ts'
import { readOptions } from '../jobs/option-values.ts'
import { ownOptionsSent, readOwnOptions, type SettingHeaders, splitOptions } from '../jobs/own-options.ts'
import { bodyFaults } from '../request-faults.ts'
import { isStorableText, storableText } from '../storable-text.ts'
import { optionsOf } from './job-to-v1.ts'

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

/** Headers may hold settings that the published body has no place for. */
export function readJobCreate(
  body: Record<string, unknown>,
  headers: SettingHeaders = {},
): Read<{ iTwinId: string; settings: RequestedSettings }> {
  const faults = shapeFaults(createShape, body)
  const create = body as JobCreate
  const settings = readSettings(create, faults)
  const own = settings && readOwnOptions(jobTypes[settings.type], headers, faults)
  if (settings === undefined || faults.length > 0) return { faults }
  const options = { ...settings.options, ...own }
  const timeLimitMinutes = headers['alidade-time-limit']
  return {
    value: { iTwinId: create.iTwinId.toLowerCase(), settings: { ...settings, options, timeLimitMinutes } },
  }
}

export interface JobChange {
  state: 'active' | 'cancelled' | undefined
  /** All settings as they would be; undefined: the request changes none. */
  settings: RequestedSettings | undefined
  /** The names of the settings that the request holds. */
  settingsSent: string[]
}

/**
 * Reads a PATCH of `job`. Whether its state allows the change is not asked here.
 * Settings that headers hold are read with it; a cancel does not heed them.
 */
export function readJobPatch(
  body: Record<string, unknown>,
  job: JobRecord,
  headers: SettingHeaders = {},
): Read<JobChange> {
  const faults = shapeFaults(patchShape, body)
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
  const heeded = state === 'cancelled' ? {} : headers
  const { 'alidade-time-limit': timeLimitMinutes } = heeded
  const headersSent = [
    ...(timeLimitMinutes === undefined ? [] : ['alidade-time-limit']),
    ...ownOptionsSent(heeded),
  ]
  const settingsSent: string[] = [...members, ...headersSent]
  const nothingSent = settingsSent.length === 0 && patch.state === undefined
  if (nothingSent && faults.length === 0) {
    const message = `Expected state or at least one of ${settingsMembers.join(', ')}.`
    faults.push({ code: 'InvalidRequestBody', message })
  }
  const settings =
    settingsSent.length > 0 ? readSettings({ ...settingsAsSent(job), ...patch }, faults) : undefined
  if (settings !== undefined) {
    const own = readOwnOptions(jobTypes[settings.type], heeded, faults)
    const kept = settings.type === job.type ? splitOptions(job).own : {}
    settings.options = { ...settings.options, ...kept, ...own }
    settings.timeLimitMinutes = timeLimitMinutes ?? job.timeLimitMinutes
  }
  if (faults.length > 0) return { faults }
  return { value: { state, settings, settingsSent } }
}

/** What a body would have to hold to give the job the settings it has. */
function settingsAsSent(job: JobRecord): Omit<JobCreate, 'iTwinId'> {
  const declaration: DeclaredJobType = jobTypes[job.type]
  const options = optionsOf(job)
  return {
    type: declaration.v1 ?? job.type,
    name: job.name,
    inputs: job.inputs.map(({ name, realityDataId }) => ({
      type: nameIn('v1', declaration.inputs, name),
      id: realityDataId,
    })),
    outputs: job.outputs.map(({ name }) => nameIn('v1', declaration.outputs, name)),
    ...(options !== undefined && { options }),
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
  const declaration = readType('v1', body.type, faults)
  if (declaration === undefined) return undefined
  if (!misshapen.has('name') && !isStorableText(body.name)) {
    faults.push({ code: 'InvalidProperty', message: `Expected ${storableText} for name.`, target: 'name' })
  }
  const inputs = misshapen.has('inputs') ? [] : readInputs(declaration, body.inputs, faults)
  const outputs = misshapen.has('outputs') ? [] : readOutputs(declaration, body.outputs, v1Places, faults)
  const options = misshapen.has('options')
    ? {}
    : readOptions(declaration, body.options ?? {}, v1Places, faults)
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

function readInputs(
  declaration: DeclaredJobType,
  inputs: JobCreate['inputs'],
  faults: ErrorDetail[],
): Binding[] {
  const bindings: Binding[] = []
  const seen = new Set<string>()
  const fault = (target: string, message: string) => faults.push({ code: 'InvalidValue', message, target })
  for (const [i, { type, id }] of inputs.entries()) {
    const named = readName('inputs', declaration, 'v1', type)
    if ('fault' in named) fault(`inputs[${i}].type`, named.fault)
    else if (seen.has(named.name)) fault(`inputs[${i}].type`, `Input ${shown(type)} is given twice.`)
    const isDetector = 'name' in named && declaration.inputs[named.name]?.kind === 'detector'
    if (!guid.test(id) && !isDetector) {
      fault(v1Places.input(i, type), `Expected the id of a reality data, which is a GUID, got ${shown(id)}.`)
    }
    if ('fault' in named) continue
    seen.add(named.name)
    bindings.push({ name: named.name, realityDataId: guid.test(id) ? id.toLowerCase() : id })
  }
  for (const name of missingInputs(declaration, 'v1', seen)) {
    const message = `Input '${name}' is required by ${declaration.v1}.`
    faults.push({ code: 'MissingRequiredProperty', message, target: 'inputs' })
  }
  return bindings
}

function shapeFaults(shape: ReturnType<typeof Compile<TObject>>, body: unknown): ErrorDetail[] {
  return shape.Check(body) ? [] : bodyFaults(shape.Errors(body), body)
}
