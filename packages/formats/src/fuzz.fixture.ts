// Feeds mutants to a reader in a process of its own, and tells those that crash it, hang it, take its memory or make it
// throw anything but a FormatError.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { FuzzLine } from './fuzz-process.fixture.ts'
import { watchProcess } from './watch-process.fixture.ts'

export type FuzzOptions = {
  seed: number
  /** Numbers of the mutants: from the first up to, not including, the last; a reader with `oneOf` gets some of them. */
  from: number
  to: number
  /** Of processor time; ten times as long by the clock. */
  hangMilliseconds?: number
}

export type FuzzResult = {
  read: number
  refused: number
  slowestMilliseconds: number
  failures: { mutant: number; problem: string }[]
}

export async function fuzz(reader: string, options: FuzzOptions): Promise<FuzzResult> {
  const result: FuzzResult = { read: 0, refused: 0, slowestMilliseconds: 0, failures: [] }
  let next = options.from
  while (next < options.to) {
    const { begun, problem } = await runProcess(reader, { ...options, from: next }, result)
    if (problem === undefined) break
    // Its samples are sound: a process that ends before its first mutant is a fault of this program.
    if (begun === undefined) throw new Error(`the process for ${reader} ended: ${problem}`)
    result.failures.push({ mutant: begun, problem })
    next = begun + 1
  }
  return result
}

/** The mutant that ended the process and how, if one did. */
async function runProcess(
  reader: string,
  { seed, from, to, hangMilliseconds = 10_000 }: FuzzOptions,
  result: FuzzResult,
): Promise<{ begun?: number; problem?: string }> {
  const program = join(import.meta.dirname, 'fuzz-process.fixture.ts')
  const args = [program, reader, ...[seed, from, to].map(String)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<string>((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`))
  })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-4000)
  })
  let begun: number | undefined
  let problem: string | undefined
  const hang = (told: string) => {
    problem = told
    child.kill('SIGKILL')
  }
  // Nothing is watched before the first mutant: the start may take long on a busy machine.
  let stopWatching = () => {}
  for await (const text of createInterface(child.stdout)) {
    const line: FuzzLine = JSON.parse(text)
    stopWatching()
    if ('begun' in line) {
      begun = line.begun
      stopWatching = watchProcess(child.pid!, hangMilliseconds, hang)
      continue
    }
    result.slowestMilliseconds = Math.max(result.slowestMilliseconds, line.milliseconds)
    if (line.outcome === 'failed') result.failures.push({ mutant: line.ended, problem: line.problem })
    else result[line.outcome]++
  }
  stopWatching()
  const end = await ended
  if (problem === undefined && end === 'exit code 0') return {}
  return { ...(begun !== undefined && { begun }), problem: problem ?? `${end}: ${errors}` }
}
