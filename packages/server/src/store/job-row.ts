// A row of the job table, and its way to and from the record that the rest of the service knows.
import { isFinal, versionsThatShow } from '@alidade/contract'
import type { Tile } from '@alidade/jobs'
import type { Binding, JobRecord, ProgressRecord, RequestedSettings } from './job-record.ts'

/** A row as both databases return it: timestamps as Date, jsonb parsed, SQL null as null. */
export interface JobRow {
  id: string
  org: string
  user_id: string
  email: string
  client_id: string
  itwin_id: string
  type: JobRecord['type']
  name: string
  inputs: Binding[]
  outputs: Binding[]
  options: JobRecord['options']
  options_sent: Record<string, unknown> | null
  cost_parameters: NonNullable<JobRecord['costParameters']> | null
  time_limit_minutes: number | null
  state: JobRecord['state']
  percentage: number
  step: string
  attempt: number
  losses: number
  agent: string | null
  lease_until: Date | null
  in_v1: boolean
  in_v2: boolean
  memory_megabytes: number
  tile_of: string | null
  tile: Tile | null
  divided_attempt: number | null
  tiles_left: number | null
  created_at: Date
  modified_at: Date
  submitted_at: Date | null
  started_at: Date | null
  ended_at: Date | null
  exit_code: number | null
  processing_units: number | null
  errors: JobRecord['errors']
  warnings: JobRecord['warnings']
}

export function toRecord(row: JobRow): JobRecord {
  return {
    id: row.id,
    org: row.org,
    userId: row.user_id,
    email: row.email,
    clientId: row.client_id,
    iTwinId: row.itwin_id,
    type: row.type,
    name: row.name,
    inputs: row.inputs,
    outputs: row.outputs,
    options: row.options,
    optionsSent: row.options_sent ?? undefined,
    costParameters: row.cost_parameters ?? undefined,
    timeLimitMinutes: row.time_limit_minutes ?? undefined,
    ...toProgress(row),
    attempt: row.attempt,
    createdAt: row.created_at,
    modifiedAt: row.modified_at,
    submittedAt: row.submitted_at ?? undefined,
    exitCode: row.exit_code ?? undefined,
    processingUnits: row.processing_units ?? undefined,
    errors: row.errors,
    warnings: row.warnings,
    ...(row.tile_of !== null && row.tile !== null && { tileOf: row.tile_of, tile: row.tile }),
    ...(row.divided_attempt !== null && { dividedAttempt: row.divided_attempt }),
  }
}

export type ProgressRow = Pick<
  JobRow,
  'state' | 'percentage' | 'step' | 'started_at' | 'ended_at' | 'agent' | 'lease_until' | 'in_v1' | 'in_v2'
>

export function toProgress(row: ProgressRow): ProgressRecord {
  const { state, percentage, step, agent, lease_until: leaseUntil } = row
  return {
    state,
    percentage,
    step,
    startedAt: row.started_at ?? undefined,
    endedAt: row.ended_at ?? undefined,
    terminatingUntil: agent !== null && isFinal(state) ? (leaseUntil ?? undefined) : undefined,
    versions: row.in_v1 ? (row.in_v2 ? bothVersions : ['v1']) : row.in_v2 ? ['v2'] : [],
  }
}

const bothVersions = ['v1', 'v2'] as const

/**
 * Values of the columns type, name, inputs, outputs, options, options_sent, cost_parameters, time_limit_minutes, in_v1 and
 * in_v2.
 */
export function settingsValues(settings: RequestedSettings, outputs: Binding[]): unknown[] {
  const versions = versionsThatShow({
    type: settings.type,
    inputs: settings.inputs.map(({ name }) => name),
    outputs: settings.outputs,
    options: Object.keys(settings.options),
  })
  return [
    settings.type,
    settings.name,
    JSON.stringify(settings.inputs),
    JSON.stringify(outputs),
    JSON.stringify(settings.options),
    settings.optionsSent === undefined ? null : JSON.stringify(settings.optionsSent),
    settings.costParameters === undefined ? null : JSON.stringify(settings.costParameters),
    settings.timeLimitMinutes ?? null,
    versions.includes('v1'),
    versions.includes('v2'),
  ]
}
