// How fast a cancel is answered over HTTP, and how soon after it nothing computes any more, while a job keeps every core
// busy: medians and worst of 20, on the embedded service as a process of its own.
// Run: npx node bench/cancel.ts
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startServiceProcess } from '../test/e2e/service-process.ts'
import { clientOf, createChangeJob, uploadSurveys } from '../test/e2e/survey-job.ts'
import { writeTwoEpochs } from '../test/e2e/two-epochs.ts'
import { millisecondsUntilGone, processesIn } from '../test/engine/processes.ts'

const rounds = 20
const folder = await mkdtemp(join(tmpdir(), 'alidade-bench-'))
const service = await startServiceProcess()
const times = { answered: [] as number[], gone: [] as number[] }
try {
  const client = await clientOf(service)
  const iTwinId = randomUUID()
  const surveys = await uploadSurveys(client, iTwinId, (await writeTwoEpochs(folder, 400_000)).paths)
  for (let round = 0; round < rounds; round++) {
    const id = await createChangeJob(client, iTwinId, surveys)
    await client.jobs.submit(id)
    // At another place each time.
    while ((await client.jobs.progress(id)).percentage < 5 + 4 * round) await delay(5)
    const runners = await processesIn(join(service.dataDir, 'scratch'))
    const at = performance.now()
    await client.jobs.cancel(id)
    times.answered.push(performance.now() - at)
    await millisecondsUntilGone(runners)
    times.gone.push(performance.now() - at)
  }
} finally {
  await service.remove()
  await rm(folder, { recursive: true })
}
for (const [what, values] of Object.entries(times)) {
  values.sort((a, b) => a - b)
  console.log(
    `${what.padEnd(8)} median ${values[rounds / 2]!.toFixed(0)} ms, worst ${values.at(-1)!.toFixed(0)} ms`,
  )
}
