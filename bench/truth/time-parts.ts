// One run in its runner process, part by part.
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { JobTypeName } from '@alidade/contract'
import type { Divided, InputFile, JobContext, StepReport } from '@alidade/jobs'
import { runAttempt } from '../../packages/server/src/agent/run-attempt.ts'
import type { PartOfJob } from '../../packages/server/src/runner/messages.ts'
import { processesIn } from '../../test/engine/processes.ts'
import { type CoreTimeWatch, watchCoreTime } from './core-time.ts'
import { localOutputs } from '../local-outputs.ts'

export interface PartTime {
  /** `step/part`; the first one is `start`, of the runner. */
  name: string
  total: number
  /** What it would have taken had no thread ever had to wait for somebody else's to leave a core. */
  seconds: number
  /** How far, within the part, the counted share was from the share of time, at most. */
  uneven: number
}

export interface TimePartsOptions {
  type: JobTypeName
  inputs: Record<string, InputFile[]>
  detectors?: JobContext['detectors']
  outputs: readonly string[]
  options?: Record<string, string> | undefined
  threads: number
  /** The runner lives below it. */
  folder: string
  /** Absent: the whole of the job. */
  work?: PartOfJob
  /** Seconds are those of the clock: time in which threads wait for a core is not taken out. */
  byClock?: boolean
}

/** A count as it was told, at so many seconds since the runner was started, had no thread ever had to wait for a core. */
export interface Mark extends StepReport {
  at: number
}

export interface WatchedParts {
  parts: PartTime[]
  marks: Mark[]
  seconds: number
  divided: Divided | undefined
}

export async function timeParts(options: TimePartsOptions): Promise<PartTime[]> {
  return (await watchParts(options)).parts
}

export async function watchParts(options: TimePartsOptions): Promise<WatchedParts> {
  const { type, inputs, threads, folder } = options
  const outputs: Record<string, string> = {}
  for (const name of options.outputs) outputs[name] = await mkdtemp(join(folder, `${name}-`))
  const scratch = await mkdtemp(join(folder, 'scratch-'))
  const coreTime = watchCoreTime(async () => (await processesIn(folder))[0])
  const begin = (name: string, total: number) => ({
    name,
    total,
    at: performance.now(),
    ...coreTime.look(),
    counts: [] as { at: number; share: number }[],
  })
  const began = [begin('start', 1)]
  const marks: Mark[] = []
  const timed = options.byClock ? (passed: number) => passed : freeSeconds
  const undisturbed = undisturbedClock(coreTime, timed)
  const result = await runAttempt({
    type,
    inputs,
    ...(options.detectors && { detectors: options.detectors }),
    options: options.options ?? {},
    ...(options.work && { work: options.work }),
    outputs: localOutputs(outputs),
    scratch,
    threads,
    loggedAs: 'standard error',
    memoryLimitMegabytes: 16_000,
    signal: new AbortController().signal,
    onProgress: (report) => {
      const { step, part, done, total } = report
      marks.push({ ...report, at: undisturbed() })
      const name = `${step}/${part}`
      if (part === 'start') return
      if (began.at(-1)!.name !== name) began.push(begin(name, total))
      began.at(-1)!.counts.push({ at: performance.now(), share: done / total })
    },
  })
  began.push(begin('end', 0))
  const seconds = undisturbed()
  await coreTime.stop()
  if (result.state !== 'success') throw new Error(JSON.stringify(result))
  for (const path of [scratch, ...Object.values(outputs)]) await rm(path, { recursive: true })
  const parts = began.slice(0, -1).map(({ name, total, at, runSeconds, waitSeconds, counts }, i) => {
    const next = began[i + 1]!
    const [ran, waited] = [next.runSeconds - runSeconds, next.waitSeconds - waitSeconds]
    const uneven = counts.map((count) => Math.abs(count.share - (count.at - at) / (next.at - at)))
    const seconds = timed((next.at - at) / 1000, ran, waited)
    return { name, total, seconds, uneven: Math.max(0, ...uneven) }
  })
  return { parts, marks, seconds, divided: result.divided }
}

/** Seconds up to each look, of each stretch between two the share that threads did not wait for a core of somebody else's. */
function undisturbedClock(cores: CoreTimeWatch, timed: typeof freeSeconds): () => number {
  let seconds = 0
  let last = { at: performance.now(), ...cores.look() }
  return () => {
    const now = { at: performance.now(), ...cores.look() }
    const [ran, waited] = [now.runSeconds - last.runSeconds, now.waitSeconds - last.waitSeconds]
    const passed = (now.at - last.at) / 1000
    seconds += timed(passed, ran, waited)
    last = now
    return seconds
  }
}

/**
 * What so many seconds would have been, had no thread waited for a core of somebody else's. Threads of a run wait for each
 * other too: more cores than there are they cannot have had.
 */
function freeSeconds(passed: number, ran: number, waited: number): number {
  const free = ran + waited > 0 ? ran / (ran + waited) : 1
  return Math.min(passed, Math.max(passed * free, ran / availableParallelism()))
}

/** Every file of a folder for each of the inputs in turn. */
export async function inputFilesOf(
  surveys: string[],
  inputNames: readonly string[],
): Promise<Record<string, InputFile[]>> {
  const inputs: Record<string, InputFile[]> = {}
  for (const [i, survey] of surveys.entries()) {
    const names = (await readdir(survey)).sort()
    inputs[inputNames[i]!] = await Promise.all(
      names.map(async (name) => {
        const path = join(survey, name)
        return { name, segments: [{ path, sizeBytes: (await stat(path)).size }] }
      }),
    )
  }
  return inputs
}
