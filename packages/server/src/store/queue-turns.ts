// Whose turn it is. Tenants take turns, however much each of them has waiting: start-time fair queueing (Goyal, Vin and
// Cheng, SIGCOMM 1996) with every job of the same size. A tenant's next job gets the number after that of its last one,
// but none that is already past; the smallest number goes first.
import type { Sql } from './database.ts'
import type { JobRow } from './job-row.ts'

/** Within the transaction that submits the job. */
export async function takeTurn(sql: Sql, { id, org }: Pick<JobRow, 'id' | 'org'>): Promise<void> {
  await sql.query(
    `with taken as (
       insert into tenant_turn (org, next) select $2, current + 1 from queue_turn
       on conflict (org) do update set next = greatest(tenant_turn.next + 1, excluded.next)
       returning next - 1 as turn)
     update job set turn = taken.turn from taken where id = $1`,
    [id, org],
  )
}

/** Within the transaction that begins work on the job. */
export async function beginTurn(sql: Sql, { id }: Pick<JobRow, 'id'>): Promise<void> {
  await sql.query(
    `update queue_turn set current = job.turn from job where job.id = $1 and queue_turn.current < job.turn`,
    [id],
  )
}
