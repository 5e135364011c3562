// Runs one task in a process of its own and tells how it ended. Knows nothing of rows, queues or blobs, so that the
// agent and `alidade run` share it.
import { type ChildProcess, spawn } from 'node:child_process'
import { access, readFile } from 'node:fs/promises'
import { getPriority, setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { type JobMessage, jobErrorMessage } from '@alidade/contract/jobs'
import { type Divided, JobError, type StepReport } from '@alidade/jobs'
import type { FromRunner, Task, ToRunner } from '../runner/messages.ts'
import { killsForMemory } from './kernel-kills.ts'
import { firstStep, startPieces } from './plan-run.ts'
import type { WrittenResult } from './publish-outputs.ts'

export interface RunAttemptOptions extends Task {
  /** Ends the task; aborted with a JobError, that is why the task failed. */
  signal: AbortSignal
  onProgress?: (report: StepReport) => void
  onWarning?: (warning: JobMessage) => void
  /** What an earlier attempt had kept under this name was taken over, or not believed. */
  onKept?: (name: string, outcome: 'taken' | 'refused') => void
  /** Lines the runner wrote to its standard error, and what an error of our own looked like. */
  onLog?: (text: string) => void
  /** How long a runner that was cancelled, or has answered, may take to end by itself, in milliseconds. */
  cancelGraceMs?: number
  /** How long it may take to come up, in milliseconds. */
  startTimeoutMs?: number
  /** The program of the runner; tests name one that misbehaves. */
  runner?: string
}

/** `results`: once they are published. */
export type AttemptResult =
  | { state: 'success'; peakMegabytes: number; divided?: Divided; results?: WrittenResult[] }
  | { state: 'failed'; errors: [JobMessage, ...JobMessage[]]; peakMegabytes: number }
  | { state: 'cancelled' }
  | { state: 'lost'; cause: string }

const ownRunner = fileURLToPath(new URL('../runner/runner.ts', import.meta.url))
const memoryWatchMs = 200

/** Never rejects for what the task does; rejects only when no process can be started, or a callback throws. */
export async function runAttempt(options: RunAttemptOptions): Promise<AttemptResult> {
  const { signal, memoryLimitMegabytes, cancelGraceMs = 2000, startTimeoutMs = 60_000 } = options
  const { onProgress, onWarning, onKept, onLog } = options
  const commandLine = await runnerCommand(options)
  const killsBefore = await killsForMemory()
  if (signal.aborted) return endedBy(signal)
  const runner = startRunner(commandLine, options.scratch)
  const memory = watchMemory(runner, memoryLimitMegabytes)
  const stderr = lastLines(runner, onLog)

  let answer: Extract<FromRunner, { kind: 'done' | 'cancelled' | 'failed' }> | undefined
  let ourFault: { error: unknown } | undefined
  const kill = () => void runner.kill('SIGKILL')
  let ready = false
  let isLate = false
  let timer = setTimeout(() => {
    isLate = true
    kill()
  }, startTimeoutMs)
  const endSoon = () => {
    clearTimeout(timer)
    timer = setTimeout(kill, cancelGraceMs)
  }
  const cancel = () => {
    if (!ready) return kill()
    tell(runner, { kind: 'cancel' })
    endSoon()
  }
  signal.addEventListener('abort', cancel, { once: true })

  runner.on('message', (message: FromRunner) => {
    try {
      receive(message)
    } catch (error) {
      ourFault ??= { error }
      kill()
    }
  })
  const started = (done: number) =>
    onProgress?.({ step: firstStep, part: 'start', done, total: startPieces, unit: 'pieces' })
  function receive(message: FromRunner): void {
    switch (message.kind) {
      case 'loaded':
        started(message.pieces)
        break
      case 'ready':
        ready = true
        clearTimeout(timer)
        started(startPieces)
        tell(runner, { kind: 'run', task: taskOf(options) })
        break
      case 'progress':
        onProgress?.(message.report)
        break
      case 'warning':
        onWarning?.(message.warning)
        break
      case 'kept':
        onKept?.(message.name, message.outcome)
        break
      default:
        answer = message
        endSoon()
    }
  }

  try {
    const ended = await new Promise<string>((resolve, reject) => {
      runner.on('error', reject)
      // `close` comes after the last message and the last line; `exit` alone may come before them.
      runner.on('close', (code, killedBy) => resolve(killedBy ?? `exit code ${code}`))
    })
    if (ourFault !== undefined) throw ourFault.error
    const peakMegabytes = memory.peakMegabytes()
    const outOfMemory = (): AttemptResult => ({
      state: 'failed',
      errors: [jobErrorMessage('OutOfMemory', String(memoryLimitMegabytes), String(peakMegabytes))],
      peakMegabytes,
    })
    if (answer?.kind === 'done')
      return { state: 'success', peakMegabytes, ...(answer.divided && { divided: answer.divided }) }
    if (signal.aborted) return endedBy(signal, peakMegabytes)
    if (memory.exceeded()) return outOfMemory()
    if (answer?.kind === 'failed') {
      onLog?.(answer.detail)
      if (answer.error.code === 'OutOfMemory') return outOfMemory()
      return { state: 'failed', errors: [answer.error], peakMegabytes }
    }
    // V8 and the allocators of native code abort when they get no memory, and say so last. V8 asks for some as pages that
    // it may not write to yet: what it lacks then is a permission.
    if (/out of memory|allocation failed|bad_alloc|Cannot allocate memory|SetPermissions\(/i.test(stderr()))
      return outOfMemory()
    // A container or a machine with less memory than our own limit: the kernel was first.
    if (ended === 'SIGKILL' && (await killsForMemory()) > killsBefore) return outOfMemory()
    return { state: 'lost', cause: isLate ? `not ready after ${startTimeoutMs / 1000} s` : ended }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', cancel)
    memory.stop()
  }
}

/** What an attempt came to whose `signal` was aborted: the reason says whether it failed. */
export function endedBy({ reason }: AbortSignal, peakMegabytes = 0): AttemptResult {
  return reason instanceof JobError
    ? { state: 'failed', errors: [reason.jobMessage], peakMegabytes }
    : { state: 'cancelled' }
}

function taskOf({ type, inputs, detectors, options, outputs, scratch, kept, work, ...task }: Task): Task {
  const { threads, memoryLimitMegabytes, loggedAs } = task
  return {
    ...{ type, inputs, options, outputs, scratch, threads, memoryLimitMegabytes, loggedAs },
    ...(detectors && { detectors }),
    ...(kept && { kept }),
    ...(work && { work }),
  }
}

async function runnerCommand(options: RunAttemptOptions): Promise<string[]> {
  const { threads, memoryLimitMegabytes, runner = ownRunner } = options
  const heap = `--max-old-space-size=${Math.ceil(memoryLimitMegabytes)}`
  const node = [process.execPath, heap, runner, String(process.pid)]
  // A net below the watch: Node 24 at rest holds 0.57 GB of data segment, each thread up to 0.4 GB more.
  const dataBytes = Math.round((memoryLimitMegabytes + 600 + 400 * (threads + 3)) * 1e6)
  return (await exists('/usr/bin/prlimit'))
    ? ['/usr/bin/prlimit', `--data=${dataBytes}`, '--', ...node]
    : node
}

/**
 * Behind everything else where cores are short: the API answers, and the laptop stays usable. Not far behind, since
 * what runs all day would otherwise keep a job from ever getting on.
 */
const runnerNiceness = 5

function startRunner([command, ...args]: string[], scratch: string): ChildProcess {
  const runner = spawn(command!, args, {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'json',
    cwd: scratch,
    // Nothing of the service's own environment: it may hold a database URL or keys.
    env: {
      ...{ PATH: process.env.PATH, TMPDIR: scratch },
      ...(process.env.TZ && { TZ: process.env.TZ }),
      // Where sources lie compiled: a runner that finds its own there starts in half the time.
      ...(process.env.NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE }),
    },
  })
  // Before it has threads: on Linux each has a priority of its own, and takes it from the one that makes it.
  if (runner.pid !== undefined) makeWay(runner.pid)
  return runner
}

function makeWay(pid: number): void {
  try {
    setPriority(pid, Math.max(getPriority(), runnerNiceness))
  } catch {
    // It is gone already, or the system does not let us: the job runs all the same.
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

function tell(runner: ChildProcess, message: ToRunner): void {
  if (runner.connected) runner.send(message, () => undefined) // a runner that is gone is noticed by its end
}

/** Kills the runner when its resident memory passes the limit. Reads /proc: on other systems there is no watch. */
function watchMemory(runner: ChildProcess, limitMegabytes: number) {
  let peak = 0
  let exceeded = false
  const look = (status: string) => {
    const resident = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1.024e-3
    peak = Math.max(peak, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1.024e-3)
    if (resident > limitMegabytes && !exceeded) {
      exceeded = true
      runner.kill('SIGKILL')
    }
  }
  const timer = setInterval(() => {
    // A process that is gone has no status any more.
    readFile(`/proc/${runner.pid}/status`, 'utf8').then(look, () => undefined)
  }, memoryWatchMs)
  return {
    stop: () => clearInterval(timer),
    exceeded: () => exceeded,
    peakMegabytes: () => Math.round(peak),
  }
}

/** The end of what the runner wrote to its standard error. */
function lastLines(runner: ChildProcess, onLog: ((text: string) => void) | undefined): () => string {
  let tail = ''
  runner.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-8192)
    onLog?.(text)
  })
  return () => tail
}
