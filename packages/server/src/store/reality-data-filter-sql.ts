// RealityDataQuery -> SQL. Values only ever travel as parameters.
import type { Interval, OrderProperty, RealityDataQuery } from './reality-data-store.ts'

/** What each order compares: text by code points without letter case, the same on every database and in every locale. */
const orderKeys: Record<OrderProperty, { sql: string; type: 'text' | 'timestamptz' }> = {
  displayName: { sql: `(lower(properties ->> 'displayName') collate "C")`, type: 'text' },
  type: { sql: `(lower(properties ->> 'type') collate "C")`, type: 'text' },
  createdDateTime: { sql: 'created_at', type: 'timestamptz' },
  modifiedDateTime: { sql: 'modified_at', type: 'timestamptz' },
  lastAccessedDateTime: { sql: 'last_accessed_at', type: 'timestamptz' },
}

/** A statement whose rows are those of the page and one more, each with its `order_key`. */
export function listStatement(query: RealityDataQuery): { text: string; values: unknown[] } {
  const values: unknown[] = []
  const place = (value: unknown) => `$${values.push(value)}`
  const { property, descending } = query.orderBy ?? { property: 'createdDateTime', descending: true }
  const key = orderKeys[property]
  const conditions = filterConditions(query, place)
  if (query.after !== undefined) {
    const after = `${place(query.after.key)}::${key.type}`
    const id = `${place(query.after.id)}::uuid`
    conditions.push(
      `(${key.sql} ${descending ? '<' : '>'} ${after} or (${key.sql} = ${after} and id > ${id}))`,
    )
  }
  const text = `select *, ${key.sql}::text as order_key from reality_data where ${conditions.join(' and ')}
    order by ${key.sql} ${descending ? 'desc' : 'asc'}, id limit ${place(query.top + 1)}`
  return { text, values }
}

function filterConditions(query: RealityDataQuery, place: (value: unknown) => string): string[] {
  const conditions = [`org = ${place(query.org)}`]
  if (query.iTwinId !== undefined) conditions.push(`itwin_ids @> array[${place(query.iTwinId)}::uuid]`)
  if (query.linked !== undefined) conditions.push('linked_folder is not null')
  if (query.ownerId !== undefined) conditions.push(`owner_id = ${place(query.ownerId)}`)
  if (query.tag !== undefined) {
    conditions.push(`properties -> 'tags' @> ${place(JSON.stringify([query.tag]))}::jsonb`)
  }
  if (query.types !== undefined) {
    const types = place(JSON.stringify(query.types.map((type) => type.toLowerCase())))
    conditions.push(`lower(properties ->> 'type') in (select jsonb_array_elements_text(${types}::jsonb))`)
  }
  if (query.search !== undefined) conditions.push(searchCondition(place(query.search)))
  if (query.extent !== undefined) conditions.push(extentCondition(query.extent, place))
  conditions.push(
    ...intervalConditions('created_at', 'created_at', query.created, place),
    ...intervalConditions('modified_at', 'modified_at', query.modified, place),
    ...intervalConditions('last_accessed_at', 'last_accessed_at', query.lastAccessed, place),
    ...acquiredConditions(query.acquired, place),
  )
  return conditions
}

function searchCondition(text: string): string {
  const searched = ['displayName', 'description', 'dataset', 'group', 'tags']
  const found = searched.map(
    (name) => `strpos(lower(coalesce(properties ->> '${name}', '')), lower(${text}::text)) > 0`,
  )
  return `(${found.join(' or ')})`
}

/** `from <= end` and `start <= to`; for a moment `start` and `end` are the same. */
function intervalConditions(
  start: string,
  end: string,
  interval: Interval | undefined,
  place: (value: unknown) => string,
): string[] {
  return [
    ...(interval?.from === undefined
      ? []
      : [`date_trunc('second', ${end}) >= ${place(interval.from)}::timestamptz`]),
    ...(interval?.to === undefined
      ? []
      : [`date_trunc('second', ${start}) <= ${place(interval.to)}::timestamptz`]),
  ]
}

/** An acquisition of which only one end is known lasted a moment; one without dates was at no time. */
function acquiredConditions(interval: Interval | undefined, place: (value: unknown) => string): string[] {
  if (interval === undefined) return []
  const moment = (name: string) => `(properties -> 'acquisition' ->> '${name}')::timestamptz`
  const start = `coalesce(${moment('startDateTime')}, ${moment('endDateTime')})`
  const end = `coalesce(${moment('endDateTime')}, ${moment('startDateTime')})`
  return [`${start} is not null`, ...intervalConditions(start, end, interval, place)]
}

/**
 * Two extents meet when their latitudes and their longitudes do. A western longitude above the eastern one crosses
 * the 180th meridian: such an extent reaches from its west to 180 and from -180 to its east.
 */
function extentCondition(
  { southWest, northEast }: NonNullable<RealityDataQuery['extent']>,
  place: (value: unknown) => string,
): string {
  const theirs = (corner: string, name: string) =>
    `(properties -> 'extent' -> '${corner}' ->> '${name}')::double precision`
  const ours = (degrees: number) => `${place(degrees)}::double precision`
  const west = theirs('southWest', 'longitude')
  const east = theirs('northEast', 'longitude')
  const startsBeforeOurEast = `${west} <= ${ours(northEast.longitude)}`
  const endsAfterOurWest = `${east} >= ${ours(southWest.longitude)}`
  const weCross = southWest.longitude > northEast.longitude
  const longitudes = `case when ${west} > ${east}
    then ${weCross ? 'true' : `(${startsBeforeOurEast} or ${endsAfterOurWest})`}
    else (${startsBeforeOurEast} ${weCross ? 'or' : 'and'} ${endsAfterOurWest}) end`
  return `(${theirs('southWest', 'latitude')} <= ${ours(northEast.latitude)}
    and ${theirs('northEast', 'latitude')} >= ${ours(southWest.latitude)} and ${longitudes})`
}
