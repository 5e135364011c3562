// kill -9 of runners, agents, API processes and everything, at random moments, while clients work; then the account:
// nothing acknowledged is lost, nothing is done twice, nothing is stuck, no percentage went back, and every result is
// that of an undisturbed run.
import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from '../../packages/client/src/index.ts'
import { openFolderBlobStore } from '../../packages/server/src/blobs/folder-blob-store.ts'
import { resultHash } from '../e2e/survey-job.ts'
import { randomNumbers } from '../engine/processes.ts'
import type { Target, VictimKind } from './target.ts'
import { startWorkload, type WatchedJob, type Workload } from './workload.ts'

export interface ChaosOptions {
  target: Target
  kills: number
  seed: number
  /** Stops an agent for so long in the midst of it, and lets it go on. */
  pauseSeconds?: number
  /** Of the surveys of the jobs. */
  pointCount?: number
  sideMetres?: number
  say?: (line: string) => void
}

export interface Kill {
  victim: VictimKind
  /** What clients saw last of the active jobs. */
  jobs: { percentage: number; step: string }[]
  /** An attempt was under way, and for a runner or an agent: its own. */
  active: boolean
}

export interface ChaosReport {
  kills: Kill[]
  jobs: number
  uploads: number
  /** Ids of jobs: not a success in the end; with another result than undisturbed; whose percentage or state went back. */
  lost: string[]
  different: string[]
  wentBack: string[]
  /** Reality data of uploads that were acknowledged and cannot be read. */
  uploadsLost: string[]
  /** Containers that attempts wrote beside those of the results. */
  doubled: string[]
  left: Awaited<ReturnType<Target['stop']>>
  seconds: number
}

export async function makeChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { target, kills, seed, pointCount = 150_000, sideMetres = 100, say = console.log } = options
  const beganAt = performance.now()
  const client = await target.client('--expires', '12h')
  const workload = await startWorkload(client, { overlap: target.places + 1, pointCount, sideMetres })
  say(`seed ${seed}; undisturbed the job takes ${workload.undisturbedSeconds.toFixed(1)} s`)

  const random = randomNumbers(seed)
  const made: Kill[] = []
  const restarts: Promise<void>[] = []
  const plan = shuffled(
    Array.from({ length: kills }, (_, i) => target.kinds[i % target.kinds.length]!),
    random,
  )
  const zombie =
    options.pauseSeconds === undefined ? undefined : pauseAgent(target, options.pauseSeconds, say)
  for (const [index, victim] of plan.entries()) {
    await untilWorking(target)
    await delay(random() * Math.min(2, 1.2 * workload.undisturbedSeconds) * 1000)
    const kill = await killOne(victim, { target, workload, random, restarts, isPaused: zombie?.isPaused })
    made.push(kill)
    const jobs = kill.jobs.map(({ percentage, step }) => `active, ${step} ${percentage} %`).join('; ')
    say(
      `kill ${index + 1}: ${victim}${kill.active ? '' : ' (idle)'}; seen of the jobs: ${jobs || 'nothing under way'}`,
    )
  }
  await zombie?.done
  await Promise.all(restarts)
  await workload.end(60 + 10 * workload.undisturbedSeconds)
  const account = await settle(client, target, workload)
  return {
    ...account,
    kills: made,
    left: await target.stop(),
    seconds: (performance.now() - beganAt) / 1000,
  }
}

async function settle(client: Client, target: Target, { jobs, uploads, undisturbedHash }: Workload) {
  const [lost, different]: string[][] = [[], []]
  const outputs: string[] = []
  for (const { id } of jobs) {
    const job = await client.jobs.get(id)
    if (job.state !== 'success') {
      lost!.push(id)
      continue
    }
    outputs.push(...job.outputs.map((output) => output.id))
    if ((await resultHash(client, id)) !== undisturbedHash) different!.push(id)
  }
  const uploadsLost: string[] = []
  for (const { realityDataId, content } of uploads) {
    const url = new URL(await client.realityData.readAccess(realityDataId))
    url.pathname += '/blob.bin'
    const answer = await fetch(url)
    if (!Buffer.from(await answer.arrayBuffer()).equals(content)) uploadsLost.push(realityDataId)
  }
  return {
    jobs: jobs.length,
    uploads: uploads.length,
    lost: lost!,
    different: different!,
    wentBack: jobs.filter(wentBack).map(({ id }) => id),
    uploadsLost,
    doubled: await strayContainers(target, outputs),
  }
}

/** Of each output one attempt's files are there, and of nothing else; what a killed agent left, a start sweeps. */
async function strayContainers(target: Target, outputs: string[]): Promise<string[]> {
  await (target.apiCount > 0 ? target.restartApi(0) : target.restartAgent(0))
  const blobs = await openFolderBlobStore({ root: target.blobDir })
  for (let tried = 1; ; tried++) {
    const seen = new Set<string>()
    const stray: string[] = []
    for await (const { id, attempt } of blobs.containers()) {
      if (attempt === 0 || !outputs.includes(id)) continue
      if (seen.has(id)) stray.push(`${id}/${attempt}`)
      seen.add(id)
    }
    const missing = outputs.filter((id) => !seen.has(id)).map((id) => `${id} is missing`)
    if ((stray.length === 0 && missing.length === 0) || tried === 100) return [...stray, ...missing]
    await delay(100)
  }
}

function wentBack({ seen }: WatchedJob): boolean {
  return seen.some(({ percentage, state }, i) => {
    const before = seen[i - 1]
    return (
      before !== undefined &&
      (percentage < before.percentage || (before.state !== 'active' && state === 'active'))
    )
  })
}

async function untilWorking(
  target: Target,
  isPaused: (agent: number) => boolean = () => false,
): Promise<void> {
  for (let tried = 1; (await target.runners()).every(({ agent }) => isPaused(agent)); tried++) {
    if (tried > 1200) throw new Error('no runner for a minute: nobody works any more')
    await delay(50)
  }
}

interface KillContext {
  target: Target
  workload: Workload
  random: () => number
  restarts: Promise<void>[]
  isPaused?: ((agent: number) => boolean) | undefined
}

async function killOne(
  victim: VictimKind,
  { target, workload, random, restarts, isPaused }: KillContext,
): Promise<Kill> {
  // One process at a time comes up again; the others go on.
  await Promise.all(restarts.splice(0))
  await untilWorking(target, isPaused)
  const runners = (await target.runners()).filter(({ agent }) => isPaused?.(agent) !== true)
  const runner = runners[Math.floor(random() * runners.length)]
  const jobs = workload.active().flatMap(({ seen }) => {
    const { percentage, step } = seen.at(-1) ?? { percentage: 0, step: '' }
    return step === '' || step === 'Wait_In_Queue' ? [] : [{ percentage, step }]
  })
  const kill: Kill = { victim, jobs, active: runner !== undefined }
  const again = async (restart: () => Promise<void>) => {
    await delay(random() * 300)
    await restart()
  }
  switch (victim) {
    case 'runner':
      if (runner !== undefined) process.kill(runner.pid, 'SIGKILL')
      return kill
    case 'agent': {
      const index = runner?.agent ?? 0
      await target.killAgent(index)
      restarts.push(again(() => target.restartAgent(index)))
      return kill
    }
    case 'api': {
      const index = Math.floor(random() * target.apiCount)
      await target.killApi(index)
      restarts.push(again(() => target.restartApi(index)))
      return kill
    }
    case 'all':
      await target.killAll()
      await target.restartAll()
      return kill
  }
}

/** A zombie that comes back: stopped for longer than its lease lasts, while others take up its job. */
function pauseAgent(target: Target, seconds: number, say: (line: string) => void) {
  let paused: number | undefined
  const done = (async () => {
    await untilWorking(target)
    const [runner] = await target.runners()
    paused = runner?.agent ?? 0
    const pids = [target.agentPid(paused), ...(runner === undefined ? [] : [runner.pid])]
    say(`pause: agent ${paused} and its runner for ${seconds} s`)
    signal(pids, 'SIGSTOP')
    await delay(seconds * 1000)
    signal(pids, 'SIGCONT')
    say(`pause: agent ${paused} goes on`)
    paused = undefined
  })()
  return { done, isPaused: (agent: number) => agent === paused }
}

function signal(pids: number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name)
    } catch {
      // It was killed meanwhile.
    }
  }
}

function shuffled<T>(items: T[], random: () => number): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[items[i], items[j]] = [items[j]!, items[i]!]
  }
  return items
}
