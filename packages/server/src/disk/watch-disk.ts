// How full the disk of the data folder is, looked at all the time. Below the low-water mark no upload is taken and no job
// is begun; what is there can still be read and deleted, and it all goes on by itself once there is space again.
import { mkdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { SpaceForDatabase } from '../store/reviving-pglite.ts'
import { ReserveFile } from './reserve-file.ts'

export interface DiskSpace {
  totalBytes: number
  /** What may still be written, the reserve aside. */
  freeBytes: number
  lowWaterBytes: number
  /** Below the mark: uploads are refused and the queue is paused. */
  low: boolean
}

export interface DiskWatch extends SpaceForDatabase {
  /** As of the last look, less than a second ago. */
  space(): DiskSpace
  /** As of now. */
  look(): Promise<DiskSpace>
  stop(): Promise<void>
}

export interface WatchDiskOptions {
  folder: string
  /** Whether to keep a reserve in the folder, for the embedded database. */
  reserve: boolean
  /** Undefined: 500 MB, or 5 % of a disk smaller than 10 GB. */
  lowWaterBytes: number | undefined
  log: Logger
  intervalMs?: number
}

/** What a checkpoint of the database writes beside pages it has room for, and some more. */
const databaseRoomBytes = 2e6

export async function watchDisk(options: WatchDiskOptions): Promise<DiskWatch> {
  const { folder, log, intervalMs = 500 } = options
  await mkdir(folder, { recursive: true })
  const { totalBytes } = await measure(folder)
  // Not a share of a large disk: what is to fit below the mark, the last words of jobs and the growth of the database,
  // does not grow with the disk.
  const lowWaterBytes = options.lowWaterBytes ?? Math.min(500e6, 0.05 * totalBytes)
  const reserveBytes = options.reserve ? Math.floor(Math.min(64e6, 0.1 * totalBytes)) : 0
  const reserve = await ReserveFile.at(join(folder, 'reserve'), reserveBytes)
  // A start writes too: locks, and the log of a database to be recovered.
  if (!(await hasRoom())) await makeRoom()
  let space: DiskSpace
  await look()

  async function look(): Promise<DiskSpace> {
    const measured = await measure(folder)
    // Room that the reserve will take up again does not count, so that giving it up does not look like recovery.
    const freeBytes = Math.max(0, measured.freeBytes - reserve.missingBytes)
    const wasLow = space?.low ?? false
    space = { totalBytes: measured.totalBytes, freeBytes, lowWaterBytes, low: freeBytes < lowWaterBytes }
    if (space.low && !wasLow) log.warn(space, 'the disk is nearly full: uploads are refused, no job is begun')
    if (!space.low && wasLow) log.info(space, 'there is space on the disk again: all goes on')
    if (!space.low && reserve.missingBytes > 0) {
      // Kept in the background; when somebody else takes the room meanwhile, the next look tries again.
      void reserve.make().catch((error: unknown) => log.debug({ err: error }, 'no room for the reserve'))
    }
    return space
  }

  async function makeRoom(): Promise<boolean> {
    const released = await reserve.release()
    if (released) log.warn({ bytes: reserve.sizeBytes }, 'gave the reserve on the disk to the database')
    return released
  }

  async function hasRoom(): Promise<boolean> {
    return (await measure(folder)).freeBytes >= databaseRoomBytes
  }

  let looking: Promise<unknown> = Promise.resolve()
  const timer = setInterval(() => {
    looking = look().catch((error: unknown) => log.error({ err: error }, 'cannot tell how full the disk is'))
  }, intervalMs)
  timer.unref()

  return {
    space: () => space,
    look,
    makeRoom,
    hasRoom,
    stop: async () => {
      clearInterval(timer)
      await looking
      await reserve.settled()
    },
  }
}

async function measure(folder: string): Promise<{ totalBytes: number; freeBytes: number }> {
  const { blocks, bavail, bsize } = await statfs(folder)
  return { totalBytes: blocks * bsize, freeBytes: bavail * bsize }
}
