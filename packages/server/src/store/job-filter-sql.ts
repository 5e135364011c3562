// JobFilter -> SQL. Values only ever travel as parameters.
import type { ApiVersion } from '@alidade/contract'
import type { FilterOperator, FilterProperty, JobFilter } from './job-filter.ts'

const operators: Record<FilterOperator, string> = { eq: '=', ne: '<>', lt: '<', le: '<=', gt: '>', ge: '>=' }

/** Jobs that a version can show: it has names for their settings, and for their state. */
export const shownIn: Record<ApiVersion, string> = { v1: 'in_v1', v2: `in_v2 and state <> 'unsubmitted'` }

/** As `toV2State` names them, in lower case. */
const v2State = `case
  when state = 'active' and started_at is null then 'queued'
  when agent is not null and lease_until > clock_timestamp() and state = 'cancelled' then 'terminatingoncancel'
  when agent is not null and lease_until > clock_timestamp() and state = 'failed' then 'terminatingonfailure'
  else state end`

const columns: Record<Exclude<FilterProperty, 'inputId' | 'outputId'>, string> = {
  id: 'id::text',
  iTwinId: 'itwin_id::text',
  name: 'name',
  email: 'email',
  type: 'type',
  state: 'state',
  createdDateTime: `date_trunc('second', created_at)`, // the wire shows whole seconds, so that is what is compared
}

/** The condition as SQL; appends what it compares with to `values`. */
export function filterSql(filter: JobFilter, version: ApiVersion, values: unknown[]): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return `(${filter.parts.map((part) => filterSql(part, version, values)).join(` ${filter.kind} `)})`
    case 'compare':
      return compareSql(filter, version, values)
    case 'in':
      if (filter.values.length === 0) return 'false'
      return `(${filter.values
        .map((value) =>
          compareSql({ kind: 'compare', property: filter.property, operator: 'eq', value }, version, values),
        )
        .join(' or ')})`
    default:
      throw new TypeError(`unexpected filter ${JSON.stringify(filter satisfies never)}`)
  }
}

function compareSql(
  { property, operator, value }: Extract<JobFilter, { kind: 'compare' }>,
  version: ApiVersion,
  values: unknown[],
): string {
  // Inputs may name a file in a bucket, whose case counts; ids among them come in lower case.
  const isId = property === 'id' || property === 'iTwinId'
  values.push(isId && typeof value === 'string' ? value.toLowerCase() : value)
  const place = `$${values.length}${value instanceof Date ? '::timestamptz' : '::text'}`
  if (property === 'inputId' || property === 'outputId') {
    const column = property === 'inputId' ? 'inputs' : 'outputs'
    // `ne` asks that no binding has this id; the other operators that one has.
    const any = (sign: string) =>
      `exists (select from jsonb_array_elements(${column}) as binding where binding ->> 'realityDataId' ${sign} ${place})`
    return operator === 'ne' ? `not ${any('=')}` : any(operators[operator])
  }
  // Binary order of code points, the same on every database and in every locale.
  const collation = value instanceof Date ? '' : ' collate "C"'
  const column = property === 'state' && version === 'v2' ? `(${v2State})` : columns[property]
  return `${column}${collation} ${operators[operator]} ${place}`
}
