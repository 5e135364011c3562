// JobStore over the job table. Each change of state is one statement whose `where` names the state it leaves, and
// whoever works on a job is fenced by the attempt number: what a lost attempt still sends changes no row.
import { type JobTypeDeclaration, jobTypes } from '@alidade/contract'
import type { ContainerKey } from '../blobs/blob-store.ts'
import type { Database, Sql } from './database.ts'
import { filterSql } from './job-filter-sql.ts'
import type { JobQueue, Lease } from './job-queue.ts'
import type { Binding, JobRecord, RequestedSettings } from './job-record.ts'
import { type JobRow as Row, settingsValues, toRecord } from './job-row.ts'
import type { Attempt, Change, JobStore } from './job-store.ts'
import { ProgressBoard } from './progress-board.ts'

/** How often a job's worker may be lost before the job fails. */
export const maxLosses = 3

/** Carries the id of a cancelled job, or nothing when a job was put on the queue. */
const channel = 'alidade_jobs'

export interface JobRowsOptions {
  database: Database
  queue: JobQueue
  now: () => Date
  newId: () => string
}

export function openJobRows({ database, queue, now, newId }: JobRowsOptions): JobStore {
  const board = database.kind === 'pglite' ? new ProgressBoard() : undefined
  /** Leases of the attempts that this process works on. */
  const leases = new Map<string, string>()
  const keyOf = ({ jobId, attempt }: Attempt) => `${jobId}/${attempt}`

  async function written(change: Promise<Row | undefined>): Promise<JobRecord | undefined> {
    const row = await change
    if (row === undefined) return undefined
    const job = toRecord(row)
    board?.write(job)
    return job
  }

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

  /** Ends the current attempt of an active job, lease included, in one transaction. */
  async function finish(
    attempt: Attempt,
    set: string,
    values: unknown[],
    also?: (sql: Sql) => Promise<void>,
  ) {
    const job = await written(
      database.tx(async (sql) => {
        const row = await updateOne(
          sql,
          `update job set ${set}, ended_at = $3, modified_at = $3, agent = null
           where id = $1 and attempt = $2 and state = 'active' returning *`,
          [attempt.jobId, attempt.attempt, now(), ...values],
        )
        if (row === undefined) return undefined
        if (row.queue_id !== null) await queue.end(sql, row.queue_id)
        await also?.(sql)
        return row
      }),
    )
    return job !== undefined
  }

  /** Gives an active job back to the queue. */
  async function retry({ jobId, attempt }: Attempt, { countLoss }: { countLoss: boolean }): Promise<boolean> {
    const job = await written(
      database.tx(async (sql) => {
        const row = await updateOne(
          sql,
          `update job set agent = null, losses = losses + $3
           where id = $1 and attempt = $2 and state = 'active' and losses + $3 < $4 returning *`,
          [jobId, attempt, countLoss ? 1 : 0, maxLosses],
        )
        if (row === undefined) return undefined
        if (row.queue_id !== null) await queue.end(sql, row.queue_id)
        // Begun before all that wait, it goes on before them.
        return enqueue(sql, queue, jobId, { first: true })
      }),
    )
    return job !== undefined
  }

  return {
    create: async (owner, iTwinId, settings) => {
      const id = newId()
      const at = now()
      const job = await written(
        database.tx(async (sql) => {
          const outputs = settings.outputs.map((name) => ({ name, realityDataId: newId() }))
          const row = await updateOne(
            sql,
            `insert into job (id, org, user_id, email, client_id, itwin_id, type, name, inputs, outputs, options,
               options_sent, cost_parameters, state, created_at, modified_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'unsubmitted', $14, $14) returning *`,
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
          return row
        }),
      )
      return job!
    },

    get,

    list: async ({ org, userId, filter, top, after }) => {
      const values: unknown[] = [org]
      const conditions = ['org = $1']
      if (userId !== undefined) conditions.push(`user_id = $${values.push(userId)}`)
      if (filter !== undefined) conditions.push(filterSql(filter, values))
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
            `update job set (type, name, inputs, outputs, options, options_sent, cost_parameters, modified_at)
               = ($2, $3, $4, $5, $6, $7, $8, $9) where id = $1 returning *`,
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

    submit: async (org, id, warnings) => {
      if (!isGuid(id)) return undefined
      const job = await written(
        database.tx(async (sql) => {
          const row = await updateOne(
            sql,
            `update job set state = 'active', step = 'Wait_In_Queue', submitted_at = $3, modified_at = $3, warnings = $4
             where org = $1 and id = $2 and state = 'unsubmitted' returning *`,
            [org, id, now(), JSON.stringify(warnings)],
          )
          return row && (await enqueue(sql, queue, row.id, { first: false }))
        }),
      )
      return job ? { job, changed: true } : unchanged(org, id, 'active')
    },

    cancel: async (org, id) => {
      if (!isGuid(id)) return undefined
      const job = await written(
        database.tx(async (sql) => {
          const row = await updateOne(
            sql,
            `update job set state = 'cancelled', ended_at = $3, modified_at = $3
             where org = $1 and id = $2 and state = 'active' returning *`,
            [org, id, now()],
          )
          if (row === undefined) return undefined
          if (row.queue_id !== null) await queue.end(sql, row.queue_id)
          await sql.query('delete from reality_data where job_id = $1 and attempt is null', [id])
          await sql.query('select pg_notify($1, $2)', [channel, id])
          return row
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
      board?.forget(id)
      return { job: toRecord(rows[0]), changed: true }
    },

    progress: async (org, id) => {
      if (board?.knows(id)) return board.get(org, id)
      const job = await get(org, id)
      if (job !== undefined) board?.fill(job)
      return job
    },

    claim: async (agent) => {
      for (;;) {
        const lease: Lease | undefined = await queue.fetch()
        if (lease === undefined) return undefined
        // It lapsed while we were alive, and was handed back to us: renewed by that.
        if ([...leases.values()].includes(lease.id)) continue
        const job = await written(
          database.tx(async (sql) => {
            const row = await updateOne(
              sql,
              `update job set attempt = attempt + 1, agent = $3, started_at = coalesce(started_at, $4), modified_at = $4
               where id = $1 and queue_id = $2 and state = 'active' returning *`,
              [lease.jobId, lease.id, agent, now()],
            )
            if (row === undefined) await queue.end(sql, lease.id)
            return row
          }),
        )
        if (job !== undefined) {
          leases.set(keyOf({ jobId: job.id, attempt: job.attempt }), lease.id)
          return job
        }
      }
    },

    heartbeat: async (attempt) => {
      const leaseId = leases.get(keyOf(attempt))
      if (leaseId !== undefined) await queue.touch(leaseId)
      const { rowCount } = await database.query(
        `select id from job where id = $1 and attempt = $2 and state = 'active'`,
        [attempt.jobId, attempt.attempt],
      )
      return rowCount > 0
    },

    release: (attempt) => void leases.delete(keyOf(attempt)),

    report: async ({ jobId, attempt }, { percentage, step, warnings }) => {
      const job = await written(
        updateOne(
          database,
          `update job set percentage = greatest(percentage, least($3, 99.999)), step = $4,
             warnings = case when $5::jsonb is null then warnings else warnings || $5::jsonb end
           where id = $1 and attempt = $2 and state = 'active' returning *`,
          [jobId, attempt, percentage, step, warnings ? JSON.stringify(warnings) : null],
        ),
      )
      return job !== undefined
    },

    succeed: (attempt, { processingUnits }) =>
      finish(
        attempt,
        `state = 'success', percentage = 100, exit_code = 0, processing_units = $4`,
        [processingUnits],
        async (sql) => {
          await sql.query('update reality_data set attempt = $2, modified_at = $3 where job_id = $1', [
            attempt.jobId,
            attempt.attempt,
            now(),
          ])
        },
      ),

    fail: (attempt, errors) =>
      finish(
        attempt,
        `state = 'failed', exit_code = 1, errors = $4`,
        [JSON.stringify(errors)],
        async (sql) => {
          await sql.query('delete from reality_data where job_id = $1 and attempt is null', [attempt.jobId])
        },
      ),

    retry,

    recover: async (agent) => {
      const { rows } = await database.query<Row>(`select * from job where state = 'active'`)
      const leaseStates = await queue.states(rows.flatMap(({ queue_id }) => queue_id ?? []))
      const recovered: string[] = []
      for (const row of rows) {
        const lease = row.queue_id === null ? 'gone' : (leaseStates.get(row.queue_id) ?? 'gone')
        // Embedded there is no other process that could hold a lease: one that is held was taken by our predecessor,
        // perhaps just before it could write its name on the row.
        const lost =
          lease === 'gone' || (lease === 'held' && (row.agent === agent || database.kind === 'pglite'))
        if (lost && (await retry({ jobId: row.id, attempt: row.attempt }, { countLoss: false })))
          recovered.push(row.id)
      }
      return recovered
    },

    unneeded: async (containers) => {
      const { rows } = await database.query<ContainerKey>(
        `select container.id, container.attempt
         from jsonb_to_recordset($1::jsonb) as container (id uuid, attempt integer)
           left join reality_data on reality_data.id = container.id
           left join job on job.id = reality_data.job_id
         where reality_data.attempt is distinct from container.attempt
           and not (job.state is not distinct from 'active' and job.attempt = container.attempt)`,
        [JSON.stringify(containers)],
      )
      return rows
    },

    onChange: (callback) =>
      database.listen(channel, (payload) => callback(payload === '' ? undefined : payload)),
  }
}

/** Puts an active job on the queue within `sql` and tells the agents. */
async function enqueue(
  sql: Sql,
  queue: JobQueue,
  jobId: string,
  options: { first: boolean },
): Promise<Row | undefined> {
  const queueId = await queue.send(sql, jobId, options)
  await sql.query('select pg_notify($1, $2)', [channel, ''])
  return updateOne(sql, 'update job set queue_id = $2 where id = $1 returning *', [jobId, queueId])
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
      displayName: `${settings.name} - ${output.v1 ?? output.v2 ?? name}`,
      type: output.realityDataType,
      rootDocument: output.rootDocument,
      classification: 'Undefined',
    }
    await sql.query(
      `insert into reality_data (id, org, owner_id, itwin_id, properties, job_id, output, attempt,
         created_at, modified_at, last_accessed_at) values ($1, $2, $3, $4, $5, $6, $7, null, $8, $8, $8)`,
      [realityDataId, job.org, job.user_id, job.itwin_id, JSON.stringify(properties), job.id, name, at],
    )
  }
}

async function updateOne(sql: Sql, text: string, values: unknown[]): Promise<Row | undefined> {
  return (await sql.query<Row>(text, values)).rows[0]
}

/** Ids come from URLs; what is no GUID names no job, and PostgreSQL would refuse to compare it. */
function isGuid(id: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(id)
}
