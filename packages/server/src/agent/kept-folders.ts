// What jobs keep on this agent for their next attempt: a folder for each job. Its loss costs time and nothing else, so it
// goes when its job is over, and before anything else when the disk is short.
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { DiskWatch } from '../disk/watch-disk.ts'
import type { JobWork } from '../store/job-store.ts'

export interface KeptFoldersOptions {
  keptDir: string
  jobs: Pick<JobWork, 'underWay'>
  /** Of the folder; without, nobody looks. */
  disk?: Pick<DiskWatch, 'space'> | undefined
  log: Logger
}

export interface KeptFolders {
  folderOf(jobId: string): string
  /** So many bytes are left to everything else. */
  leaveBytes(): number
  /** To be called when no attempt of the job will follow. */
  remove(jobId: string): Promise<void>
  stop(): Promise<void>
}

const lookMs = 500
const sweepMs = 60 * 60 * 1000

/** Sweeps at start and every hour: jobs may have ended on another agent, or while this one was away. */
export async function openKeptFolders({
  keptDir,
  jobs,
  disk,
  log,
}: KeptFoldersOptions): Promise<KeptFolders> {
  await mkdir(keptDir, { recursive: true, mode: 0o700 })
  const removeFolder = (jobId: string) =>
    rm(join(keptDir, jobId), { recursive: true, force: true }).catch((error: unknown) =>
      log.error({ err: error, jobId }, 'what the job kept is left to the sweep'),
    )
  const removeAll = async (jobIds: readonly string[]) => {
    for (const jobId of jobIds) await removeFolder(jobId)
  }

  async function sweep(): Promise<void> {
    const found = await readdir(keptDir)
    if (found.length === 0) return
    const underWay = new Set(await jobs.underWay(found))
    await removeAll(found.filter((jobId) => !underWay.has(jobId)))
  }

  async function makeRoom(): Promise<void> {
    if (!disk?.space().low) return
    const found = await readdir(keptDir)
    if (found.length === 0) return
    await removeAll(found)
    log.warn({ jobIds: found }, 'the disk is short: dropped what jobs kept for another attempt')
  }

  let working: Promise<void> = Promise.resolve()
  const inTurn = (work: () => Promise<void>) => {
    working = working
      .then(work)
      .catch((error: unknown) => log.error({ err: error }, 'could not tidy up what jobs kept'))
    return working
  }
  await inTurn(sweep)
  const looking = setInterval(() => void inTurn(makeRoom), lookMs)
  const sweeping = setInterval(() => void inTurn(sweep), sweepMs)
  return {
    folderOf: (jobId) => join(keptDir, jobId),
    // As far again as the mark below which everything that was kept goes.
    leaveBytes: () => 2 * (disk?.space().lowWaterBytes ?? 0),
    remove: removeFolder,
    stop: async () => {
      clearInterval(looking)
      clearInterval(sweeping)
      await working
    },
  }
}
