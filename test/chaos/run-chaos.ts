// npm run chaos -- [--kills 200] [--database pglite|postgres|both] [--seed N] [--pause SECONDS] [--points N]
import { parseArgs } from 'node:util'
import { startPostgres } from '../../packages/server/src/store/start-postgres.fixture.ts'
import { makeChaos } from './chaos.ts'
import { clusterTarget, embeddedTarget } from './target.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    database: { type: 'string', default: 'both' },
    seed: { type: 'string', default: String(Date.now() % 1e6) },
    pause: { type: 'string', default: '60' },
    points: { type: 'string', default: '150000' },
  },
})
const { database } = values
if (!['pglite', 'postgres', 'both'].includes(database)) {
  console.error(`--database: expected pglite, postgres or both, got '${database}'`)
  process.exit(2)
}

const given = process.env.TEST_POSTGRES_URL
let faulty = false
for (const name of ['pglite', 'postgres'].filter((name) => database === 'both' || database === name)) {
  const postgres = name === 'postgres' && !given ? await startPostgres() : undefined
  const target = name === 'pglite' ? await embeddedTarget() : await clusterTarget(postgres?.url ?? given!)
  try {
    const report = await makeChaos({
      target,
      kills: Number(values.kills),
      seed: Number(values.seed),
      pauseSeconds: Number(values.pause),
      pointCount: Number(values.points),
    })
    const { kills, jobs, uploads, seconds, left, ...faults } = report
    const count = (kind: string) => kills.filter(({ victim }) => victim === kind).length
    console.log(
      `${name}: ${kills.length} kills (${target.kinds.map((kind) => `${count(kind)} ${kind}`).join(', ')}), ` +
        `${kills.filter(({ active }) => active).length} hit an active attempt; ${jobs} jobs, ${uploads} uploads, ` +
        `${seconds.toFixed(0)} s`,
    )
    console.log(JSON.stringify({ ...faults, left }, null, 2))
    faulty ||=
      Object.values(faults).some((list) => list.length > 0) || left.processes.length + left.scratch.length > 0
  } finally {
    await target.remove()
    await postgres?.stop()
  }
}
process.exitCode = faulty ? 1 : 0
