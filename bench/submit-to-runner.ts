// How long from the submission of a job until its runner is there, and until it reads: medians of 20 on an idle service.
// Run: npx node bench/submit-to-runner.ts
import { openEngine } from '../test/engine/engine-fixture.ts'

const rounds = 20
const engine = await openEngine(2_000)
const agent = await engine.startAgent()
const times = {
  submitted: [] as number[],
  begun: [] as number[],
  runner: [] as number[],
  reading: [] as number[],
}
try {
  for (let round = 0; round < rounds; round++) {
    const { id } = await engine.create()
    const since = engine.logged.length
    const [at, wallAt] = [performance.now(), Date.now()]
    await engine.jobs.submit(engine.org, id, [])
    times.submitted.push(performance.now() - at)
    await engine.untilRunner()
    times.runner.push(performance.now() - at)
    await engine.until(id, ({ step }) => step !== 'Prepare_Production' && step !== 'Wait_In_Queue')
    times.reading.push(performance.now() - at)
    times.begun.push((await engine.untilLogged('attempt begun', since)).time - wallAt)
    await engine.until(id, ({ endedAt }) => endedAt !== undefined)
    await engine.untilLogged('job succeeded', since)
    while ((await engine.runners()).length > 0);
  }
} finally {
  await agent.stop()
  await engine.close()
}
for (const [what, values] of Object.entries(times)) {
  values.sort((a, b) => a - b)
  console.log(
    `${what.padEnd(10)} median ${values[rounds / 2]!.toFixed(0)} ms, worst ${values.at(-1)!.toFixed(0)} ms`,
  )
}
