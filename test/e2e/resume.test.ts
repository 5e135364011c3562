// The whole service is killed in the midst of a job: after its next start the job goes on from what had been finished.
import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { startServiceProcess } from './service-process.ts'
import { clientOf, createChangeJob, resultHash, uploadSurveys } from './survey-job.ts'
import { writeTwoEpochs } from './two-epochs.ts'

const iTwinId = randomUUID()
const resumed = 'did not do again what an earlier attempt had kept'
const often = { intervalsSeconds: [0.05] }

test('after kill -9 of agent and runner the distances that were known are not computed again, and nothing stays behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'alidade-scene-'))
  let service = await startServiceProcess('--threads', '2', '--keep-from', '1')
  onTestFinished(async () => {
    await service.remove()
    await rm(folder, { recursive: true, force: true })
  })
  const client = await clientOf(service)
  const surveys = await uploadSurveys(client, iTwinId, (await writeTwoEpochs(folder, 250_000)).paths)
  const keptDir = join(service.dataDir, 'kept')
  const job = await createChangeJob(client, iTwinId, surveys)
  await client.jobs.submit(job)
  const kept = (): Promise<string[]> => readdir(join(keptDir, job)).catch(() => [])
  while (!(await kept()).includes('distances-block-0')) await delay(2)
  service = await service.restart()
  await client.waitForJob(job, often)
  // What is written down reaches us a moment after the answer.
  const told = () =>
    service
      .log()
      .split('\n')
      .slice(0, -1)
      .find((line) => line.includes(resumed))
  while (told() === undefined) await delay(10)
  expect(JSON.parse(told()!)).toMatchObject({ jobId: job, attempt: 2, takenOver: { distances: 3 } })

  const undisturbed = await createChangeJob(client, iTwinId, surveys)
  await client.jobs.submit(undisturbed)
  await client.waitForJob(undisturbed, often)
  expect(await resultHash(client, job)).toBe(await resultHash(client, undisturbed))
  await service.stop()
  expect(await readdir(keptDir)).toEqual([])
}, 120_000)
