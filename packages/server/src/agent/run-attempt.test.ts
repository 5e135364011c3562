import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { getPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunAttemptOptions, runAttempt } from './run-attempt.ts'

let scratch: string
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'alidade-attempt-'))
})
afterAll(() => rm(scratch, { recursive: true }))

/** Of files that do not exist: a real runner comes up, finds that out and says so. */
const attempt = (options: Partial<RunAttemptOptions>) =>
  runAttempt({
    type: 'changeDetection',
    inputs: {},
    options: {},
    outputs: {},
    scratch,
    threads: 1,
    loggedAs: 'a test',
    memoryLimitMegabytes: 1000,
    signal: new AbortController().signal,
    ...options,
  })

test('a runner that does not come up in time is lost, not waited for', async () => {
  expect(await attempt({ startTimeoutMs: 1 })).toEqual({ state: 'lost', cause: 'not ready after 0.001 s' })
})

test('a task is told whole, however many pieces its files are in', async () => {
  // 100,000 blocks of 8 MB would be a file of 0.8 TB.
  const segments = Array.from({ length: 100_000 }, (_, i) => ({
    path: join(scratch, 'missing', `${i}`.padStart(64, '0')),
    sizeBytes: 8_000_000,
  }))
  const file = { name: 'survey.las', segments }
  expect(await attempt({ inputs: { modelA: [file], modelB: [file] } })).toMatchObject({
    state: 'failed',
    errors: [{ code: 'InputData_Missing', params: [expect.any(String), 'survey.las'] }],
  })
})

test('a callback that throws ends the attempt with its error instead of the process of the agent', async () => {
  const fault = new Error('the callback broke')
  const file = { name: 'survey.las', segments: [{ path: join(scratch, 'missing'), sizeBytes: 1 }] }
  const broken = attempt({
    inputs: { modelA: [file], modelB: [file] },
    onLog: () => {
      throw fault
    },
  })
  await expect(broken).rejects.toBe(fault)
})

test.skipIf(process.platform !== 'linux')(
  'a runner stands behind its agent where cores are short',
  async () => {
    let niceness: number | undefined
    await attempt({
      onProgress: () => {
        // Field 19 of /proc/<pid>/stat (proc(5)), of a process whose parent this one is.
        const ours = childrenOf(process.pid).map((stat) => Number(stat[16]))
        niceness ??= Math.max(...ours)
      },
    })
    expect(niceness).toBe(Math.max(5, getPriority()))
  },
)

test('an attempt that is cancelled before it starts, starts nothing', async () => {
  expect(await attempt({ signal: AbortSignal.abort() })).toEqual({ state: 'cancelled' })
})

/** What /proc says of them, from the third field on. */
function childrenOf(pid: number): string[][] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const text = readFileSync(`/proc/${name}/stat`, 'latin1')
        return [text.slice(text.lastIndexOf(')') + 2).split(' ')]
      } catch {
        return [] // It has ended.
      }
    })
    .filter(([, parent]) => Number(parent) === pid)
}
