// What a PostgreSQL server does by itself and the embedded database does not: checkpoints, and giving room of old versions
// of rows back. Changes no answer; nothing of it happens at the start but getting the log ready.
import type { Logger } from 'pino'
import type { DiskWatch } from '../disk/watch-disk.ts'
import type { Database } from './database.ts'
import { purge } from './purge.ts'
import { readyWal } from './ready-wal.ts'

export interface UpkeepOptions {
  database: Database
  disk: Pick<DiskWatch, 'space' | 'hasRoom' | 'makeRoom'>
  log: Logger
  walIntervalMs?: number
  purgeIntervalMs?: number
}

export interface Upkeep {
  /** Returns when nothing is under way any more. */
  stop(): Promise<void>
}

export function startUpkeep(options: UpkeepOptions): Upkeep {
  const { database, disk, log, walIntervalMs = 5000, purgeIntervalMs = 3600_000 } = options
  let busy: Promise<void> | undefined
  /** What comes while something is under way is left out; it comes again. */
  const unlessBusy = (task: () => Promise<unknown>, failed: string) => {
    busy ??= task()
      .then(
        () => undefined,
        (error: unknown) => log.error({ err: error }, failed),
      )
      .finally(() => {
        busy = undefined
      })
  }
  const ready = () => {
    // Above the low-water mark only: below it the log lives on what it has.
    const freeBytes = Math.max(0, disk.space().freeBytes - disk.space().lowWaterBytes)
    unlessBusy(
      () => readyWal(database, { freeBytes, space: disk }),
      'could not make the log of the database ready',
    )
  }
  ready()
  const timers = [
    setInterval(ready, walIntervalMs),
    // Writes a log of its own, so not when there is no room for one.
    setInterval(
      () => disk.space().low || unlessBusy(() => purge(database), 'could not purge'),
      purgeIntervalMs,
    ),
  ]
  return {
    stop: async () => {
      for (const timer of timers) clearInterval(timer)
      await busy
    },
  }
}
