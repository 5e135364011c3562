import type { ApiVersion } from '@alidade/contract'

// What a list of jobs can be filtered by: the meaning of `$filter`, whatever its spelling.

export const filterProperties = [
  'id',
  'iTwinId',
  'name',
  'email',
  'type',
  'state',
  'createdDateTime',
  'inputId',
  'outputId',
] as const
export type FilterProperty = (typeof filterProperties)[number]

export type FilterOperator = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'

/** `type` holds internal names, `state` those of an API version in lower case and `createdDateTime` a Date; a job matches `inputId` when any input has that id. */
export type JobFilter =
  | { kind: 'and' | 'or'; parts: JobFilter[] }
  | { kind: 'compare'; property: FilterProperty; operator: FilterOperator; value: string | Date }
  | { kind: 'in'; property: FilterProperty; values: (string | Date)[] }

export interface JobQuery {
  org: string
  /** Only jobs of this user; undefined: of everybody in the tenant. */
  userId: string | undefined
  /** Only jobs that it can show, filtered by states as it calls them. */
  version: ApiVersion
  filter: JobFilter | undefined
  top: number
  /** Continue after this job (creation descending, then id ascending). */
  after: { createdAt: Date; id: string } | undefined
}
