// Tiles of divided jobs, and what their ends are to the job they are part of.
//
// A tile is a row of the job table: claimed, leased, retried and fenced like any job. Statements take the lock of a tile
// before that of its job and never the other way round, so that none waits for the other for ever; a job that ends
// therefore waits for no tile. Whoever works on one finds out by its next word; if nobody does, they go with the end of the job.
import { jobTypes } from '@alidade/contract'
import type { ContainerKey } from '../blobs/blob-store.ts'
import type { Sql } from './database.ts'
import type { TileRecord } from './job-record.ts'
import type { JobRow as Row } from './job-row.ts'
import type { Attempt, DividedJob } from './job-store.ts'
import { jobChannel, type JobTable, tellAgents, updateOne } from './job-table.ts'
import { takeTurn } from './queue-turns.ts'

/** Holds the lease of a job that has ended while some of its tiles are still being stopped. */
const tilesAgent = 'its tiles'

/** The condition that what a row of `job` belongs to goes on. */
export const wholeIsActive = `(job.tile_of is null or exists (
  select from job as whole where whole.id = job.tile_of and whole.state = 'active'))`

/**
 * Within a transaction: the attempt has divided its job, and is over. With as many agents as live, each with `places` for
 * tiles, these take that much less of the rest of the run.
 */
export async function divideJob(
  sql: Sql,
  table: Pick<JobTable, 'now' | 'newId'>,
  { jobId, attempt }: Attempt,
  { tiles, mergeSeconds, places, processingUnits }: DividedJob,
): Promise<Row | undefined> {
  if (tiles.length === 0) throw new RangeError('expected at least one tile')
  const { rows } = await sql.query<{ agents: number }>(
    `select greatest(1, count(*))::integer as agents from service_process
     where role = 'agent' and seen_at > clock_timestamp() - interval '1 minute'`,
  )
  const atOnce = Math.min(tiles.length, Math.max(1, places) * rows[0]!.agents)
  const tileSeconds = tiles.reduce((sum, { seconds }) => sum + seconds, 0) / atOnce
  const share = tileSeconds + mergeSeconds > 0 ? tileSeconds / (tileSeconds + mergeSeconds) : 1
  const row = await updateOne(
    sql,
    `update job set divided_attempt = attempt, tiles_left = $3, tiles_from = percentage,
       tiles_to = percentage + (99.999 - percentage) * $4, processing_units = $5, agent = null, lease_until = null
     where id = $1 and attempt = $2 and state = 'active' returning *`,
    [jobId, attempt, tiles.length, share, processingUnits],
  )
  if (row === undefined) return undefined
  for (const { memoryMegabytes, ...tile } of tiles) {
    const { rows: made } = await sql.query<Pick<Row, 'id' | 'org'>>(
      `insert into job (id, org, user_id, email, client_id, itwin_id, type, name, inputs, outputs, options,
         time_limit_minutes, in_v1, in_v2, state, step, created_at, modified_at, submitted_at, started_at, memory_megabytes,
         divided_attempt, tile_of, tile)
       select $2, org, user_id, email, client_id, itwin_id, type, name, inputs, '[]', options, time_limit_minutes, false,
         false, 'active', step, $3, $3, $3, started_at, $4, divided_attempt, id, $5
       from job where id = $1 returning id, org`,
      [jobId, table.newId(), table.now(), Math.ceil(memoryMegabytes), JSON.stringify(tile)],
    )
    await takeTurn(sql, made[0]!)
  }
  await tellAgents(sql)
  return row
}

/** The job's percentage by those of its tiles, its step by that furthest on; to be called when a tile has counted on. */
export async function countTiles(
  sql: Sql,
  { tile_of: jobId, type, step, warnings }: Row,
): Promise<Row | undefined> {
  return updateOne(
    sql,
    `update job set
       step = case when array_position(steps, $2) >= coalesce(array_position(steps, step), 0) then $2 else step end,
       percentage = greatest(percentage, tiles_from + (tiles_to - tiles_from) * least(1, done.share)),
       warnings = warnings || coalesce((
         select jsonb_agg(warning) from jsonb_array_elements($3::jsonb) as warning
         where not warnings @> jsonb_build_array(warning)), '[]')
     from (
       select sum((tile ->> 'seconds')::double precision * percentage / 100)
         / nullif(sum((tile ->> 'seconds')::double precision), 0) as share from job where tile_of = $1) as done,
       string_to_array($4, ',') as steps
     where id = $1 and state = 'active' and tiles_left is not null returning job.*`,
    [jobId, step, JSON.stringify(warnings), jobTypes[type].steps.join(',')],
  )
}

/** Within the transaction in which a tile has succeeded: with the last one the job waits to be merged. */
export async function countTileDone(sql: Sql, { tile_of: jobId }: Row): Promise<Row | undefined> {
  const row = await updateOne(
    sql,
    `update job set tiles_left = tiles_left - 1 where id = $1 and state = 'active' and tiles_left > 0 returning *`,
    [jobId],
  )
  if (row?.tiles_left === 0) await tellAgents(sql)
  return row
}

/**
 * Within the transaction that ends a job: where it is divided, whoever works on its tiles hears of it, and it counts as being
 * stopped until they have stopped. Tiles that nobody works on are removed.
 */
export async function endTiles(sql: Sql, row: Row): Promise<Row> {
  const { id, tiles_left: left } = row
  if (left === null) return row
  await sql.query('select pg_notify($1, $2)', [jobChannel, id])
  // What is locked is being claimed or reported: whoever does it removes it when they find out.
  await sql.query(
    `delete from job where id in (select id from job where tile_of = $1 for update skip locked)
       and not exists (select from job as tile where tile.tile_of = $1 and tile.agent is not null)`,
    [id],
  )
  const held = await updateOne(
    sql,
    `update job set agent = $2, lease_until = stopping.lease_until
     from (select max(tile.lease_until) as lease_until from job as tile where tile.tile_of = $1 and tile.agent is not null)
       as stopping
     where id = $1 and job.agent is null and stopping.lease_until is not null returning job.*`,
    [id, tilesAgent],
  )
  return held ?? row
}

/** The computing of a tile has stopped; with the last one, that of its job has. */
export async function releaseTile(sql: Sql, { tile_of: jobId }: Row): Promise<Row | undefined> {
  return updateOne(
    sql,
    `update job set agent = null, lease_until = null
     where id = $1 and state <> 'active' and agent = $2
       and not exists (select from job as tile where tile.tile_of = $1 and tile.agent is not null) returning *`,
    [jobId, tilesAgent],
  )
}

/** Removes the rows of tiles whose job has ended and that nobody works on. */
export async function forgetTiles(sql: Sql): Promise<void> {
  await sql.query(
    `delete from job where tile_of in (select id from job where state <> 'active')
       and (agent is null or lease_until < clock_timestamp() - interval '1 minute')`,
  )
}

/** In the order in which they were made. */
export async function tilesOf(sql: Sql, jobId: string): Promise<TileRecord[]> {
  const { rows } = await sql.query<Row>(
    `select * from job where tile_of = $1 order by turn, submitted_at, id`,
    [jobId],
  )
  return rows.map(({ tile, id, attempt }) => ({
    tile: tile!,
    container: { id, attempt } satisfies ContainerKey,
  }))
}
