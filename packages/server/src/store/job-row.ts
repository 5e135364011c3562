// A row of the job table, and its way to and from the record that the rest of the service knows.
import type { Binding, JobRecord, RequestedSettings } from './job-record.ts'

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
  memory_megabytes: number
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
    state: row.state,
    percentage: row.percentage,
    step: row.step,
    attempt: row.attempt,
    createdAt: row.created_at,
    modifiedAt: row.modified_at,
    submittedAt: row.submitted_at ?? undefined,
    startedAt: row.started_at ?? undefined,
    endedAt: row.ended_at ?? undefined,
    exitCode: row.exit_code ?? undefined,
    processingUnits: row.processing_units ?? undefined,
    errors: row.errors,
    warnings: row.warnings,
  }
}

/** Values of the columns type, name, inputs, outputs, options, options_sent, cost_parameters and time_limit_minutes. */
export function settingsValues(settings: RequestedSettings, outputs: Binding[]): unknown[] {
  return [
    settings.type,
    settings.name,
    JSON.stringify(settings.inputs),
    JSON.stringify(outputs),
    JSON.stringify(settings.options),
    settings.optionsSent === undefined ? null : JSON.stringify(settings.optionsSent),
    settings.costParameters === undefined ? null : JSON.stringify(settings.costParameters),
    settings.timeLimitMinutes ?? null,
  ]
}
