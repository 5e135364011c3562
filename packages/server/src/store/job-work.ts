// The side of the job store that agents use: leases, attempts, their reports and their ends.
//
// Whoever works on a job is fenced by the attempt number: what a lost attempt still sends changes no row. A lease is a
// time in the row, by the clock of the database; it only says when another agent may begin the next attempt.
import { type JobMessage, jobErrorMessage } from '@alidade/contract'
import type { ContainerKey } from '../blobs/blob-store.ts'
import type { Sql } from './database.ts'
import type { JobRow as Row } from './job-row.ts'
import type { Attempt, JobWork } from './job-store.ts'
import { type JobTable, jobChannel, tellAgents, updateOne } from './job-table.ts'
import { beginTurn } from './queue-turns.ts'

/** An agent that is not heard of for this long has lost its jobs, in seconds. */
export const leaseSeconds = 10

/** How often a job's worker may be lost before the job fails. */
export const defaultMaxLosses = 3

const newLease = `clock_timestamp() + make_interval(secs => ${leaseSeconds})`

export function openJobWork(table: JobTable, { maxLosses }: { maxLosses: number }): JobWork {
  const { database, written, now } = table

  /** Ends the current attempt of an active job and the job with it. */
  async function finish(
    sql: Sql,
    { jobId, attempt }: Attempt,
    set: string,
    values: unknown[],
  ): Promise<Row | undefined> {
    return updateOne(
      sql,
      `update job set ${set}, ended_at = $3, modified_at = $3
       where id = $1 and attempt = $2 and state = 'active' returning *`,
      [jobId, attempt, now(), ...values],
    )
  }

  async function fail(sql: Sql, attempt: Attempt, errors: JobMessage[]): Promise<Row | undefined> {
    const values = [JSON.stringify(errors)]
    const row = await finish(sql, attempt, `state = 'failed', exit_code = 1, errors = $4`, values)
    if (row !== undefined)
      await sql.query('delete from reality_data where job_id = $1 and attempt is null', [row.id])
    return row
  }

  /** Gives an active job back to the queue; a job that has lost its last worker fails. */
  async function giveBack(
    sql: Sql,
    attempt: Attempt,
    loss: { cause: string } | undefined,
  ): Promise<Row | undefined> {
    const row = await updateOne(
      sql,
      `update job set agent = null, lease_until = null, losses = losses + $3
       where id = $1 and attempt = $2 and state = 'active' returning *`,
      [attempt.jobId, attempt.attempt, loss === undefined ? 0 : 1],
    )
    if (row === undefined) return undefined
    if (loss !== undefined && row.losses >= maxLosses)
      return fail(sql, attempt, [jobErrorMessage('WorkerLost', loss.cause, String(row.losses))])
    await tellAgents(sql)
    return row
  }

  return {
    claim: async (agent, { memoryLimitMegabytes = Infinity, working = [] } = {}) => {
      for (;;) {
        let found = false
        const job = await written(
          database.tx(async (sql) => {
            const next = await nextInTurn(sql, memoryLimitMegabytes, working)
            if (next === undefined) return undefined
            found = true
            const attempt = { jobId: next.id, attempt: next.attempt }
            if (next.agent !== null) {
              const cause = `the agent ${next.agent} was not heard of for ${leaseSeconds} s`
              const row = await giveBack(sql, attempt, { cause })
              if (row?.state !== 'active') return row
            }
            const row = await updateOne(
              sql,
              `update job set attempt = attempt + 1, agent = $2, lease_until = ${newLease},
                 started_at = coalesce(started_at, $3), modified_at = $3 where id = $1 returning *`,
              [next.id, agent, now()],
            )
            await beginTurn(sql, next)
            return row
          }),
        )
        if (!found) return undefined
        if (job?.state === 'active') return job
      }
    },

    heartbeat: async ({ jobId, attempt }) => {
      const job = await written(
        updateOne(
          database,
          `update job set lease_until = ${newLease} where id = $1 and attempt = $2 and agent is not null returning *`,
          [jobId, attempt],
        ),
      )
      return job?.state === 'active'
    },

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

    succeed: async (attempt, { processingUnits, results = [] }) => {
      const job = await written(
        database.tx(async (sql) => {
          const set = `state = 'success', percentage = 100, exit_code = 0, processing_units = $4, agent = null,
            lease_until = null`
          const row = await finish(sql, attempt, set, [processingUnits])
          if (row === undefined) return undefined
          await sql.query('update reality_data set attempt = $2, modified_at = $3 where job_id = $1', [
            attempt.jobId,
            attempt.attempt,
            now(),
          ])
          for (const { realityDataId, ...properties } of results) {
            // JSON knows no undefined: without a root document it has none.
            await sql.query(
              `update reality_data set properties = (properties - 'rootDocument') || $3::jsonb where job_id = $1 and id = $2`,
              [attempt.jobId, realityDataId, JSON.stringify(properties)],
            )
          }
          return row
        }),
      )
      return job !== undefined
    },

    fail: async (attempt, errors) =>
      (await written(database.tx((sql) => fail(sql, attempt, errors)))) !== undefined,

    retry: async (attempt, loss) => {
      const job = await written(database.tx((sql) => giveBack(sql, attempt, loss)))
      return job && (job.state === 'active' ? 'active' : 'failed')
    },

    release: async ({ jobId, attempt }) => {
      await written(
        updateOne(
          database,
          `update job set agent = null, lease_until = null
           where id = $1 and attempt = $2 and agent is not null and state <> 'active' returning *`,
          [jobId, attempt],
        ),
      )
    },

    recover: async (agent) => {
      // Embedded there is no other process that could hold a lease: whatever is held, a predecessor of ours held.
      const { rows } = await database.query<Row>(
        `select * from job where state = 'active' and agent is not null and ($1::text is null or agent = $1)`,
        [database.kind === 'pglite' ? null : agent],
      )
      for (const { id, attempt } of rows) {
        const cause = 'the service ended in the midst of it'
        await written(database.tx((sql) => giveBack(sql, { jobId: id, attempt }, { cause })))
      }
      // What it had yet to stop has stopped with it.
      await database.query(
        `update job set agent = null, lease_until = null
         where state <> 'active' and agent is not null and ($1::text is null or agent = $1)`,
        [database.kind === 'pglite' ? null : agent],
      )
      return rows.map(({ id }) => id)
    },

    unneeded: async (containers) => {
      const { rows } = await database.query<ContainerKey>(
        `select container.id, container.attempt
         from jsonb_to_recordset($1::jsonb) as container (id uuid, attempt integer)
           left join reality_data on reality_data.id = container.id
           left join job on job.id = reality_data.job_id
           left join detector_version as version on version.id = container.id
         where (version.id is null or version.ready_attempt <> container.attempt)
           and not exists (select from itwin where bucket_id = container.id)
           and reality_data.attempt is distinct from container.attempt
           and not (job.state is not distinct from 'active' and job.attempt = container.attempt)
         order by container.id, container.attempt`,
        [JSON.stringify(containers)],
      )
      return rows
    },

    underWay: async (jobIds) => {
      const { rows } = await database.query<{ id: string }>(
        `select id from job where state = 'active' and id::text = any(string_to_array($1, ','))`,
        [jobIds.join(',')],
      )
      return rows.map(({ id }) => id)
    },

    onChange: (callback) =>
      database.listen(jobChannel, (payload) => callback(payload === '' ? undefined : payload)),
  }
}

/**
 * The job that goes next, among those that wait or whose agent is lost, and that this agent can ever give enough
 * memory; what is too large for every agent that lives, anyone may try. Locked until the transaction ends.
 */
async function nextInTurn(
  sql: Sql,
  memoryLimitMegabytes: number,
  working: readonly string[],
): Promise<Row | undefined> {
  return updateOne(
    sql,
    `select * from job
     where state = 'active' and (lease_until is null or lease_until < clock_timestamp())
       and not (id::text = any(string_to_array($1, ',')))
       and (memory_megabytes <= $2::double precision or not exists (
         select from service_process
         where role = 'agent' and memory_limit_megabytes >= job.memory_megabytes
           and seen_at > clock_timestamp() - interval '1 minute'))
     order by (attempt = 0), turn, submitted_at, id limit 1 for update skip locked`,
    [working.join(','), memoryLimitMegabytes],
  )
}
