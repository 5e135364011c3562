// One divided job on some agents, from submission to its results, as a client and the logs of the agents tell of it.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from '@alidade/client'
import { processesIn } from '../../test/engine/processes.ts'
import type { ServiceProcess } from '../../test/e2e/service-process.ts'
import type { Service } from './service.ts'

/** Of a tile, or where there is none of the division and the merging. */
export interface BegunAttempt {
  agent: number
  id: string
  attempt: number
  tile?: string
}

export interface DividedRun {
  jobId: string
  seconds: number
  /** Of all runners; of a killed one what it had used before. */
  coreSeconds: number
  percentages: number[]
  begun: BegunAttempt[]
}

export interface Victim {
  agent: number
  /** The tile that it was in, and how far. */
  id: string
  name: string
  percentage: number
}

/** Asks four times a second, more often than a client would. `disturb` is begun with the job and told when that is over. */
export async function runDivided(
  client: Client,
  agents: readonly ServiceProcess[],
  submit: () => Promise<string>,
  disturb: (jobId: string, over: AbortSignal) => Promise<unknown> = async () => undefined,
): Promise<DividedRun> {
  const before = await runnerSeconds(agents)
  const began = performance.now()
  const jobId = await submit()
  const over = new AbortController()
  const disturbed = disturb(jobId, over.signal)
  const percentages: number[] = []
  for (let state = 'Active'; state !== 'Success'; await delay(250)) {
    const progress = await client.v2.jobs.progress(jobId)
    percentages.push(progress.percentage)
    state = progress.state
    if (state === 'Failed' || state === 'Cancelled')
      throw new Error(`the job ended as ${state}: ${JSON.stringify(await client.v2.jobs.messages(jobId))}`)
  }
  const seconds = (performance.now() - began) / 1000
  over.abort()
  await disturbed
  const coreSeconds = (await runnerSeconds(agents)) - before
  return {
    jobId,
    seconds,
    coreSeconds,
    percentages,
    begun: agents.flatMap((agent, i) => begunBy(agent, i, jobId)),
  }
}

/**
 * kill -9 of an agent once one of its tiles has come to the percentage `from`; its runner finds out by itself. `draw`, from 0 to 1,
 * picks it among those that are so far at that moment: an agent known beforehand may never get a tile. Error where none was
 * before the job was over.
 */
export async function killInTile(
  service: Service,
  agents: readonly ServiceProcess[],
  { jobId, draw, from, over }: { jobId: string; draw: number; from: number; over: AbortSignal },
): Promise<Victim & { coreSeconds: number }> {
  for (; !over.aborted; await delay(20)) {
    const begun = agents.flatMap((process, agent) => begunBy(process, agent, jobId))
    const tiles = (await service.tilesAtWork(jobId)).flatMap((tile) => {
      const agent = begun.find(({ id }) => id === tile.id)?.agent
      return agent !== undefined && tile.percentage >= from && tile.percentage < 100
        ? [{ ...tile, agent }]
        : []
    })
    const tile = tiles[Math.floor(draw * tiles.length)]
    if (tile === undefined) continue
    const victim = agents[tile.agent]!
    const [pid] = await processesIn(join(victim.dataDir, 'scratch'))
    if (pid === undefined) continue
    const coreSeconds = (await childSeconds(victim.pid)) + (await ownSeconds(pid))
    await victim.kill()
    return { ...tile, coreSeconds }
  }
  throw new Error(`no tile was seen between ${from.toFixed(0)} and 100 % before the job was over`)
}

function begunBy(process: ServiceProcess, agent: number, job: string): BegunAttempt[] {
  const lines = process.log().split('\n').slice(0, -1)
  return lines.flatMap((text) => {
    if (!text.includes('"msg":"attempt begun"') || !text.includes(job)) return []
    const { jobId, attempt, tile } = JSON.parse(text) as { jobId: string; attempt: number; tile?: string }
    return [{ agent, id: jobId, attempt, ...(tile !== undefined && { tile }) }]
  })
}

async function runnerSeconds(agents: readonly ServiceProcess[]): Promise<number> {
  const seconds = await Promise.all(agents.map(({ pid }) => childSeconds(pid)))
  return seconds.reduce((sum, each) => sum + each, 0)
}

/** Of children that have ended, and of the process itself: fields 16 and 17, 14 and 15 of proc(5), in hundredths. */
const childSeconds = (pid: number) => twoFields(pid, 13)
const ownSeconds = (pid: number) => twoFields(pid, 11)

async function twoFields(pid: number, at: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ') ?? []
  return (Number(fields[at] ?? 0) + Number(fields[at + 1] ?? 0)) / 100
}
