/**
 * One divided job on 1, 2 and 4 agents, through the whole service: PostgreSQL, an API process and agents, each a process of the
 * real command, and a client that uploads, submits, asks for progress and fetches the results.
 *
 *   node bench/agents.ts [--type changeDetection|extractGround|segmentation3D|model] [--points 1e7] [--tiles 8]
 *     [--agents 1,2,4] [--kills 1] [--seed 1] [--tile-counts 4,16] [--threads 1] [--apart]
 *
 * Needs ALIDADE_TEST_DATA (default ../shared/data). The points are copies of site4 of two epochs for changeDetection, else of a
 * million points of Autzen. Prints for each number of agents the seconds, the core time of all runners, the tiles that each agent took,
 * whether the percentage was monotone, and a hash of all results. Then with the most agents: `--kills` runs in which the kill
 * -9 of an agent, drawn by the seed among those that are in a tile, hits that tile in its midst, and runs with other numbers of
 * tiles, whose results are compared object for object and point for point where the bytes differ; 0: a run that is not divided. Ends
 * with 1 unless the bytes of one plan are always the same, the victim's tile alone was begun twice, objects are equal and distances
 * within 1e-4.
 * `--tiles`: about so many, by `--divide-from` of the agents. Those of segmentation3D depend on the cloud alone, which has to have
 * more than 6e6 points: its bytes have to be the same throughout. `--apart`: agents that do not see the blob folder. `model`:
 * segmentation3D with an ONNX model of next to nothing.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { randomNumbers } from '../test/engine/processes.ts'
import { type DividedRun, killInTile, runDivided, type Victim } from './agents/divided-run.ts'
import { differencesOf, pullResults, type Results } from './agents/results.ts'
import { openService } from './agents/service.ts'
import { type JobName, jobsOf, uploadSurveys } from './agents/surveys.ts'
import { machine } from './http/measure.ts'

const { values } = parseArgs({
  options: {
    type: { type: 'string', default: 'changeDetection' },
    points: { type: 'string', default: '1e7' },
    tiles: { type: 'string', default: '8' },
    agents: { type: 'string', default: '1,2,4' },
    kills: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    'tile-counts': { type: 'string', default: '4,16' },
    threads: { type: 'string', default: '1' },
    apart: { type: 'boolean', default: false },
  },
})
const numbers = (list: string) => list.split(',').filter(Boolean).map(Number)
const isJob = (name: string): name is JobName => name in jobsOf
if (!isJob(values.type)) throw new RangeError(`expected one of ${Object.keys(jobsOf)}, got ${values.type}`)
const type = values.type
const agentCounts = numbers(values.agents)
const most = Math.max(...agentCounts)
const random = randomNumbers(Number(values.seed))

const folder = await mkdtemp(join(tmpdir(), 'alidade-agents-'))
const service = await openService({ apart: values.apart })
const faults: string[] = []
const check = (holds: boolean, fault: string) => void (holds || faults.push(fault))

/** Agents of their own for each run, so that what they log and use is of this run alone. */
async function run(label: string, count: number, tiles: number, kill = false) {
  const divideFrom = tiles === 0 ? 0 : Math.min(points - 1, Math.ceil((4 * points) / tiles) + 4)
  const flags = ['--threads', values.threads, '--divide-from', String(divideFrom)]
  const agents = await service.startAgents(count, flags)
  let victim: Awaited<ReturnType<typeof killInTile>> | undefined
  try {
    const disturb = async (jobId: string, over: AbortSignal) => {
      const [draw, from] = [random(), 10 + 70 * random()]
      victim = await killInTile(service, agents, { jobId, draw, from, over })
    }
    const made = await runDivided(service.client, agents, submit, kill ? disturb : undefined)
    made.coreSeconds += victim?.coreSeconds ?? 0
    const results = await pullResults(service.client, made.jobId, join(folder, label.replaceAll(' ', '-')))
    report(label, { made, count, victim, results, attempts: tiles === 0 ? 1 : 2 })
    return results
  } finally {
    for (const agent of agents) await agent.remove()
  }
}

interface Made {
  made: DividedRun
  count: number
  victim: Victim | undefined
  results: Results
  /** That are no tiles: to divide and to merge, or to do all of it. */
  attempts: number
}

function report(label: string, { made, count, victim, results, attempts }: Made): void {
  const { seconds, coreSeconds, percentages, begun } = made
  const ofTiles = begun.filter(({ tile }) => tile !== undefined)
  const each = Array.from({ length: count }, (_, i) => ofTiles.filter(({ agent }) => agent === i).length)
  const monotone = percentages.every((value, i) => value >= (percentages[i - 1] ?? 0))
  const again = ofTiles.filter(({ attempt }) => attempt > 1)
  const others = begun.filter(({ tile }) => tile === undefined)
  check(monotone && percentages.at(-1) === 100, `${label}: the percentage went ${percentages}`)
  check(others.length === attempts, `${label}: begun ${others.length} times beside its tiles`)
  const wanted = victim === undefined ? [] : [victim.id]
  check(again.map(({ id }) => id).join() === wanted.join(), `${label}: other tiles were begun again`)
  const told = [
    `${seconds.toFixed(1)} s, ${coreSeconds.toFixed(1)} s of core time`,
    `tiles ${each.join(' + ')}`,
    `${new Set(percentages).size} percentages, ${monotone ? 'monotone' : 'NOT MONOTONE'}`,
    `results ${results.hash}`,
  ]
  console.log(`${label.padEnd(18)} ${told.join('; ')}`)
  if (victim === undefined) return
  const redone = again.map(({ tile, agent, attempt }) => `${tile} by agent ${agent}, attempt ${attempt}`)
  console.log(
    `  killed: agent ${victim.agent} at ${victim.percentage.toFixed(0)} % of ${victim.name}; begun again: ${redone.join(', ')}`,
  )
}

const { points, submit } = await uploadSurveys(service.client, type, {
  points: Number(values.points),
  data: resolve(process.env.ALIDADE_TEST_DATA ?? '../shared/data'),
})
try {
  const threads = `${values.threads} ${values.threads === '1' ? 'thread' : 'threads'}`
  console.log(
    `${type}, ${points} points, agents of ${threads}${values.apart ? ' without the blob folder' : ''}`,
  )
  let first: Results | undefined
  const sameAsFirst = async (label: string, results: Results) => {
    first ??= results
    check(results.hash === first.hash, `${label}: other bytes`)
    if (results !== first) await rm(results.folder, { recursive: true })
  }
  const tiles = Number(values.tiles)
  for (const count of agentCounts) {
    const label = `${count} ${count === 1 ? 'agent' : 'agents'}`
    await sameAsFirst(label, await run(label, count, tiles))
  }
  for (const [file, hash] of Object.entries(first!.hashes)) console.log(`  ${hash} ${file}`)
  for (let kill = 1; kill <= Number(values.kills); kill++) {
    const label = `${most} agents, kill ${kill}`
    await sameAsFirst(label, await run(label, most, tiles, true))
  }
  for (const count of numbers(values['tile-counts'])) {
    const label = count === 0 ? 'undivided' : `${count} tiles`
    const results = await run(label, most, count)
    if (type === 'segmentation3D') check(results.hash === first!.hash, `${label}: other bytes`)
    for (const { file, others, of, distance } of await differencesOf(first!, results)) {
      const far = distance === undefined ? '' : `, distances by ${distance} at most`
      console.log(`  ${file}: ${others} of ${of} differ${far}`)
      check(others === 0 && (distance ?? 0) <= 1e-4, `${label}: ${file} is another one`)
    }
    await rm(results.folder, { recursive: true })
  }
  for (const fault of faults) console.log(`FAULT ${fault}`)
  console.log(JSON.stringify({ faults: faults.length, ...machine() }))
  process.exitCode = faults.length > 0 ? 1 : 0
} finally {
  await service.remove()
  await rm(folder, { recursive: true, force: true })
}
