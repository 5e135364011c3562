// What is seen of a divided job from outside: its results, its attempts, and what is left of it.
import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import type { JobRecord } from '../../packages/server/src/store/job-record.ts'
import type { Engine } from './engine-fixture.ts'

export type DividedJobs = ReturnType<typeof dividedJobs>

export function dividedJobs(engine: Engine) {
  const tileOf = (line: object) => (line as { tileOf?: string }).tileOf
  const linesOf = (job: JobRecord, msg: string) =>
    engine.logged.filter((line) => line.msg === msg && (line.jobId === job.id || tileOf(line) === job.id))
  const begun = (job: JobRecord) =>
    linesOf(job, 'attempt begun') as { tile?: string; attempt: number; agent?: string; jobId: string }[]

  return {
    linesOf,
    begun,

    /** One hash of all that the job wrote, once it has succeeded; the ids of reality data left out. */
    resultOf: async ({ id }: JobRecord): Promise<string> => {
      const hash = createHash('sha256')
      let before = 0
      await engine.until(
        id,
        ({ state }) => state === 'success',
        ({ percentage }) => {
          expect(percentage).toBeGreaterThanOrEqual(before)
          before = percentage
        },
      )
      for (const { name, realityDataId } of (await engine.jobs.get(engine.org, id))!.outputs) {
        const { container } = (await engine.realityData.resolveContainer(realityDataId))!
        for (const blob of (await engine.blobs.list(container)).blobs) {
          const pieces: Uint8Array[] = []
          for await (const bytes of (await engine.blobs.read(container, blob.name)).stream) pieces.push(bytes)
          const bytes = Buffer.concat(pieces)
          hash.update(`${name}/${blob.name}`)
          hash.update(
            blob.name.endsWith('.json') ? bytes.toString().replace(/rds:[0-9a-f-]+/g, 'rds') : bytes,
          )
        }
      }
      return hash.digest('hex')
    },

    nothingIsLeftOf: async (job: JobRecord): Promise<void> => {
      await expect.poll(() => engine.jobs.tiles(job.id), { timeout: 20_000 }).toEqual([])
      const ids = [job.id, ...begun(job).map(({ jobId }) => jobId)]
      await expect.poll(() => engine.containers(ids), { timeout: 20_000 }).toEqual([])
    },
  }
}
