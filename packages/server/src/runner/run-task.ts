// What a runner does once everything is loaded: it runs the job of its task, counts, and answers.
import { join } from 'node:path'
import {
  codeVersion,
  type Divided,
  type JobContext,
  type JobType,
  jobTypeImplementations,
} from '@alidade/jobs'
import { countProgress } from './count-progress.ts'
import { openKeptFiles } from './kept-files.ts'
import { jobMessageOf } from './job-message-of.ts'
import type { FromRunner, Task } from './messages.ts'

/** Never rejects; `send` gets what is to be told underway. */
export async function runTask(
  task: Task,
  cancelled: AbortSignal,
  send: (message: FromRunner) => void,
): Promise<FromRunner> {
  const jobType = jobTypeImplementations[task.type]
  const context: JobContext = {
    inputs: task.inputs,
    ...(task.detectors && { detectors: task.detectors }),
    options: task.options,
    outputs: Object.fromEntries(
      Object.entries(task.outputs).map(([internalName, { folder, name, reference }]) => [
        internalName,
        { path: (fileName: string) => join(folder, fileName), name, reference },
      ]),
    ),
    progress: countProgress(jobType.declaration.steps, (report) => send({ kind: 'progress', report })),
    signal: cancelled,
    scratch: task.scratch,
    threads: task.threads,
    memoryLimitMegabytes: task.memoryLimitMegabytes,
    warn: (warning) => send({ kind: 'warning', warning }),
  }
  try {
    if (task.kept !== undefined) context.kept = await openKept(task.kept, send)
    const divided = await runPart(jobType, context, task.work)
    return { kind: 'done', ...(divided && { divided }) }
  } catch (error) {
    if (cancelled.aborted) return { kind: 'cancelled' }
    const message = jobMessageOf(error, { writingTo: 'the scratch folder', loggedAs: task.loggedAs })
    return { kind: 'failed', error: message, detail: detailOf(error) }
  }
}

async function runPart(
  { run, division }: JobType,
  context: JobContext,
  work: Task['work'],
): Promise<Divided | undefined> {
  if (work === undefined) {
    await run(context)
    return undefined
  }
  if (division === undefined) throw new TypeError('this job type cannot be divided')
  const folder = (path: string) => ({ path: (fileName: string) => join(path, fileName) })
  switch (work.kind) {
    case 'divide':
      return division.divide(context, folder(work.shared), work.fromPoints)
    case 'tile': {
      const { tile, files, results } = work
      await division.runTile({ ...context, tile, files, results: folder(results) })
      return undefined
    }
    case 'merge':
      await division.merge({ ...context, divided: work.divided, tiles: work.tiles })
      return undefined
    default:
      throw new TypeError(`unexpected work ${JSON.stringify(work satisfies never)}`)
  }
}

async function openKept(
  { fingerprint, ...kept }: NonNullable<Task['kept']>,
  send: (message: FromRunner) => void,
): Promise<JobContext['kept']> {
  return openKeptFiles({
    ...kept,
    fingerprint: JSON.stringify([fingerprint, kept.blockPoints, await codeVersion()]),
    onTake: (name, outcome) => send({ kind: 'kept', name, outcome }),
  })
}

function detailOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined
    ? String(error.stack)
    : `${error.stack}\ncaused by ${detailOf(error.cause)}`
}
