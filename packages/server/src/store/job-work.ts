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
import {
  countTileDone,
  countTiles,
  divideJob,
  endTiles,
  forgetTiles,
  releaseTile,
  tilesOf,
  wholeIsActive,
} from './job-tiles.ts'
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
       where id = $1 and attempt = $2 and state = 'active' and ${wholeIsActive} returning *`,
      [jobId, attempt, now(), ...values],
    )
  }

  /** The row of the attempt first; with a tile, that of its job. Empty: the attempt is not the current one. */
  async function fail(sql: Sql, attempt: Attempt, errors: JobMessage[]): Promise<Row[]> {
    const values = [JSON.stringify(errors)]
    const row = await finish(sql, attempt, `state = 'failed', exit_code = 1, errors = $4`, values)
    if (row === undefined) return []
    await sql.query('delete from reality_data where job_id = $1 and attempt is null', [row.id])
    if (row.tile_of === null) return [await endTiles(sql, row)]
    return [row, ...(await failWhole(sql, row.tile_of, errors))]
  }

  /** A divided job of which a tile has failed. */
  async function failWhole(sql: Sql, jobId: string, errors: JobMessage[]): Promise<Row[]> {
    const row = await updateOne(
      sql,
      `update job set state = 'failed', exit_code = 1, errors = $2, ended_at = $3, modified_at = $3
       where id = $1 and state = 'active' returning *`,
      [jobId, JSON.stringify(errors), now()],
    )
    if (row === undefined) return []
    await sql.query('delete from reality_data where job_id = $1 and attempt is null', [jobId])
    return [await endTiles(sql, row)]
  }

  /** Gives an active job back to the queue; a job that has lost its last worker fails. As `fail` otherwise. */
  async function giveBack(sql: Sql, attempt: Attempt, loss: { cause: string } | undefined): Promise<Row[]> {
    const row = await updateOne(
      sql,
      `update job set agent = null, lease_until = null, losses = losses + $3
       where id = $1 and attempt = $2 and state = 'active' and ${wholeIsActive} returning *`,
      [attempt.jobId, attempt.attempt, loss === undefined ? 0 : 1],
    )
    if (row === undefined) return []
    if (loss !== undefined && row.losses >= maxLosses)
      return fail(sql, attempt, [jobErrorMessage('WorkerLost', loss.cause, String(row.losses))])
    await tellAgents(sql)
    return [row]
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
              const rows = await giveBack(sql, attempt, { cause })
              if (rows[0]?.state !== 'active') return rows
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
      if (job?.tileOf === undefined) return job?.state === 'active'
      const { rowCount } = await database.query(`select from job where id = $1 and state = 'active'`, [
        job.tileOf,
      ])
      return job.state === 'active' && rowCount > 0
    },

    report: async ({ jobId, attempt }, { percentage, step, warnings }) => {
      const row = await updateOne(
        database,
        `update job set percentage = greatest(percentage, least($3, 99.999)), step = $4,
             warnings = case when $5::jsonb is null then warnings else warnings || $5::jsonb end
           where id = $1 and attempt = $2 and state = 'active' and ${wholeIsActive} returning *`,
        [jobId, attempt, percentage, step, warnings ? JSON.stringify(warnings) : null],
      )
      if (row === undefined) return false
      // Only the last word on a job need be true of it: no lock is held from one statement to the next.
      const whole = row.tile_of === null ? undefined : await countTiles(database, row)
      await written(Promise.resolve(whole === undefined ? row : [row, whole]))
      return true
    },

    divide: async (attempt, divided) => {
      const job = await written(database.tx((sql) => divideJob(sql, table, attempt, divided)))
      return job !== undefined
    },

    tiles: (jobId) => tilesOf(database, jobId),

    forgetTiles: () => forgetTiles(database),

    succeed: async (attempt, { processingUnits, results = [] }) => {
      const job = await written(
        database.tx(async (sql) => {
          const set = `state = 'success', percentage = 100, exit_code = 0, agent = null, lease_until = null,
            processing_units = $4 + coalesce(processing_units, 0)
              + coalesce((select sum(tile.processing_units) from job as tile where tile.tile_of = $1), 0)`
          const row = await finish(sql, attempt, set, [processingUnits])
          if (row === undefined) return undefined
          if (row.tile_of !== null) {
            const whole = await countTileDone(sql, row)
            return [row, ...(whole === undefined ? [] : [(await countTiles(sql, row)) ?? whole])]
          }
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
          return endTiles(sql, row)
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
        database.tx(async (sql) => {
          const row = await updateOne(
            sql,
            `update job set agent = null, lease_until = null
             where id = $1 and attempt = $2 and agent is not null and (state <> 'active' or not ${wholeIsActive})
             returning *`,
            [jobId, attempt],
          )
          if (row === undefined || row.tile_of === null) return row
          const whole = await releaseTile(sql, row)
          return whole === undefined ? row : [row, whole]
        }),
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
           and not exists (
             select from job as work left join job as whole on whole.id = work.tile_of
             where work.id = container.id and coalesce(whole.state, work.state) = 'active'
               and (container.attempt = work.attempt
                 or container.attempt = work.divided_attempt and work.tile_of is null))
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
       and coalesce(tiles_left, 0) = 0 and ${wholeIsActive}
       and not (id::text = any(string_to_array($1, ',')))
       and (memory_megabytes <= $2::double precision or not exists (
         select from service_process
         where role = 'agent' and memory_limit_megabytes >= job.memory_megabytes
           and seen_at > clock_timestamp() - interval '1 minute'))
     order by (attempt = 0), turn, submitted_at, id limit 1 for update skip locked`,
    [working.join(','), memoryLimitMegabytes],
  )
}
