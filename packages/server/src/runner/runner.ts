// The process of one attempt: it is told a task, runs the job, counts, and ends. Killing it at any moment harms
// nothing but the time spent. Its argument is the pid of its agent.
import { join } from 'node:path'
import {
  codeVersion,
  type Divided,
  type JobContext,
  type JobType,
  jobTypeImplementations,
} from '@alidade/jobs'
import { countProgress } from './count-progress.ts'
import { endWithAgent } from './end-with-agent.ts'
import { openKeptFiles } from './kept-files.ts'
import { jobMessageOf } from './job-message-of.ts'
import type { FromRunner, Task, ToRunner } from './messages.ts'

const cancelling = new AbortController()

process.on('message', (message: ToRunner) => {
  if (message.kind === 'cancel') cancelling.abort(new Error('cancelled'))
  else void runTask(message.task)
})
endWithAgent(Number(process.argv[2]))
// Ctrl-C, a closed terminal and some service managers signal the whole group; the agent decides what it means.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined)
send({ kind: 'ready' })

async function runTask(task: Task): Promise<void> {
  const answer = await run(task)
  // Only after the last message has left is the channel closed, and with it the process.
  process.send?.(answer, () => process.exit(0))
}

async function run(task: Task): Promise<FromRunner> {
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
    signal: cancelling.signal,
    scratch: task.scratch,
    threads: task.threads,
    memoryLimitMegabytes: task.memoryLimitMegabytes,
    warn: (warning) => send({ kind: 'warning', warning }),
  }
  try {
    if (task.kept !== undefined) context.kept = await openKept(task.kept)
    const divided = await runPart(jobType, context, task.work)
    return { kind: 'done', ...(divided && { divided }) }
  } catch (error) {
    if (cancelling.signal.aborted) return { kind: 'cancelled' }
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

async function openKept({ fingerprint, ...kept }: NonNullable<Task['kept']>): Promise<JobContext['kept']> {
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

function send(message: FromRunner): void {
  process.send?.(message)
}
