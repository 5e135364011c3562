// The side of the job store that the API uses. Each change of state is one statement whose `where` names the state it
// leaves.
import { type JobMessage, type JobTypeDeclaration, jobTypes } from '@alidade/contract'
import type { Sql } from './database.ts'
import { filterSql, shownIn } from './job-filter-sql.ts'
import type { Binding, JobRecord, Owner, RequestedSettings } from './job-record.ts'
import { type JobRow as Row, settingsValues, toRecord } from './job-row.ts'
import type { Change, JobNeeds, JobRequests } from './job-store.ts'
import { endTiles } from './job-tiles.ts'
import { isGuid, type JobTable, jobChannel, tellAgents, updateOne } from './job-table.ts'
import { takeTurn } from './queue-turns.ts'

export function openJobRequests(table: JobTable): JobRequests {
  const { database, written, now, newId } = table

  async function get(org: string, id: string): Promise<JobRecord | undefined> {
    if (!isGuid(id)) return undefined
    const { rows } = await database.query<Row>('select * from job where org = $1 and id = $2', [org, id])
    return rows[0] && toRecord(rows[0])
  }

  /** The answer when a change found no row in the state it leaves. */
  async function unchanged(
    org: string,
    id: string,
    already: JobRecord['state'] | undefined,
  ): Promise<Change> {
    const job = await get(org, id)
    if (job === undefined) return undefined
    return job.state === already ? { job, changed: false } : { refused: job }
  }

  /** The row of a new job, and those of its outputs. */
  async function insert(sql: Sql, owner: Owner, iTwinId: string, settings: RequestedSettings): Promise<Row> {
    const id = newId()
    const at = now()
    const outputs = settings.outputs.map((name) => ({ name, realityDataId: newId() }))
    const row = await updateOne(
      sql,
      `insert into job (id, org, user_id, email, client_id, itwin_id, type, name, inputs, outputs, options,
         options_sent, cost_parameters, time_limit_minutes, in_v1, in_v2, state, created_at, modified_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 'unsubmitted', $17, $17)
       returning *`,
      [
        id,
        owner.org,
        owner.userId,
        owner.email,
        owner.clientId,
        iTwinId,
        ...settingsValues(settings, outputs),
        at,
      ],
    )
    await createOutputs(sql, row!, settings, outputs, at)
    return row!
  }

  /** Puts an unsubmitted job on the queue; undefined: there is no such job. */
  async function activate(
    sql: Sql,
    { org, id }: { org: string; id: string },
    warnings: JobMessage[],
    { memoryMegabytes = 0, reads = [] }: JobNeeds,
  ): Promise<Row | undefined> {
    const row = await updateOne(
      sql,
      `update job set state = 'active', step = 'Wait_In_Queue', submitted_at = $3, modified_at = $3, warnings = $4,
         memory_megabytes = $5, reads = string_to_array($6, ',')::uuid[]
       where org = $1 and id = $2 and state = 'unsubmitted' returning *`,
      [
        org,
        id,
        now(),
        JSON.stringify(warnings),
        Math.ceil(memoryMegabytes),
        // An input may also be the name of a detector.
        reads.filter(isGuid).join(','),
      ],
    )
    if (row === undefined) return undefined
    await takeTurn(sql, row)
    await tellAgents(sql)
    return row
  }

  return {
    create: async (owner, iTwinId, settings) => {
      const job = await written(database.tx((sql) => insert(sql, owner, iTwinId, settings)))
      return job!
    },

    createSubmitted: async (owner, iTwinId, settings, warnings, needs = {}) => {
      const job = await written(
        database.tx(async (sql) =>
          activate(sql, await insert(sql, owner, iTwinId, settings), warnings, needs),
        ),
      )
      return job!
    },

    get,

    list: async ({ org, userId, version, filter, top, after }) => {
      const values: unknown[] = [org]
      const conditions = ['org = $1', shownIn[version]]
      if (userId !== undefined) conditions.push(`user_id = $${values.push(userId)}`)
      if (filter !== undefined) conditions.push(filterSql(filter, version, values))
      if (after !== undefined) {
        const at = `$${values.push(after.createdAt)}::timestamptz`
        const id = `$${values.push(after.id)}::uuid`
        conditions.push(`(created_at < ${at} or (created_at = ${at} and id > ${id}))`)
      }
      const { rows } = await database.query<Row>(
        `select * from job where ${conditions.join(' and ')} order by created_at desc, id limit $${values.push(top + 1)}`,
        values,
      )
      return { jobs: rows.slice(0, top).map(toRecord), more: rows.length > top }
    },

    changeSettings: async (org, id, settings) => {
      if (!isGuid(id)) return undefined
      const at = now()
      const job = await written(
        database.tx(async (sql) => {
          const { rows } = await sql.query<Row>(
            `select * from job where org = $1 and id = $2 and state = 'unsubmitted' for update`,
            [org, id],
          )
          const before = rows[0]
          if (before === undefined) return undefined
          const kept = before.outputs.filter(
            ({ name }) => before.type === settings.type && settings.outputs.includes(name),
          )
          const outputs = settings.outputs.map(
            (name) => kept.find((output) => output.name === name) ?? { name, realityDataId: newId() },
          )
          const row = await updateOne(
            sql,
            `update job set (type, name, inputs, outputs, options, options_sent, cost_parameters, time_limit_minutes,
               in_v1, in_v2, modified_at) = ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) where id = $1 returning *`,
            [id, ...settingsValues(settings, outputs), at],
          )
          await sql.query(
            `delete from reality_data where job_id = $1 and not (id::text = any(string_to_array($2, ',')))`,
            [id, kept.map(({ realityDataId }) => realityDataId).join(',')],
          )
          await createOutputs(
            sql,
            row!,
            settings,
            outputs.filter((output) => !kept.includes(output)),
            at,
          )
          return row
        }),
      )
      return job ? { job, changed: true } : unchanged(org, id, undefined)
    },

    submit: async (org, id, warnings, needs = {}) => {
      if (!isGuid(id)) return undefined
      const job = await written(database.tx((sql) => activate(sql, { org, id }, warnings, needs)))
      return job ? { job, changed: true } : unchanged(org, id, 'active')
    },

    cancel: async (org, id) => {
      if (!isGuid(id)) return undefined
      const job = await written(
        database.tx(async (sql) => {
          const row = await updateOne(
            sql,
            // Whoever works on it keeps the lease until it has stopped.
            `update job set state = 'cancelled', ended_at = $3, modified_at = $3
             where org = $1 and id = $2 and state = 'active' returning *`,
            [org, id, now()],
          )
          if (row === undefined) return undefined
          await sql.query('delete from reality_data where job_id = $1 and attempt is null', [id])
          await sql.query('select pg_notify($1, $2)', [jobChannel, id])
          return endTiles(sql, row)
        }),
      )
      return job ? { job, changed: true } : unchanged(org, id, 'cancelled')
    },

    delete: async (org, id) => {
      if (!isGuid(id)) return undefined
      const { rows } = await database.query<Row>(
        `delete from job where org = $1 and id = $2 and state = 'unsubmitted' returning *`,
        [org, id],
      )
      if (rows[0] === undefined) return unchanged(org, id, undefined)
      table.forget(id)
      return { job: toRecord(rows[0]), changed: true }
    },

    progress: table.progress,
  }
}

async function createOutputs(
  sql: Sql,
  job: Row,
  settings: RequestedSettings,
  outputs: Binding[],
  at: Date,
): Promise<void> {
  const declaration: JobTypeDeclaration = jobTypes[settings.type]
  for (const { name, realityDataId } of outputs) {
    const output = declaration.outputs[name]
    if (output === undefined) throw new TypeError(`${settings.type} has no output ${name}`)
    const properties = {
      displayName: `${settings.name || declaration.title} - ${output.v1 ?? output.v2 ?? name}`,
      type: output.realityDataType,
      ...(output.rootDocument !== undefined && { rootDocument: output.rootDocument }),
      classification: 'Undefined',
    }
    await sql.query(
      `insert into reality_data (id, org, owner_id, itwin_ids, properties, job_id, output, attempt,
         created_at, modified_at, last_accessed_at) values ($1, $2, $3, array[$4::uuid], $5, $6, $7, null, $8, $8, $8)`,
      [realityDataId, job.org, job.user_id, job.itwin_id, JSON.stringify(properties), job.id, name, at],
    )
  }
}
