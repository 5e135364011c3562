import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { watchProcess } from './watch-process.fixture.ts'

/** What is told of a process that has begun to do this. */
async function told(program: string, milliseconds: number): Promise<string> {
  const child = spawn(process.execPath, ['-e', `process.stdout.write('begun'); ${program}`])
  const ended = new Promise((resolve) => child.once('close', resolve))
  try {
    await new Promise((resolve) => child.stdout.once('data', resolve))
    return await new Promise((resolve) => void watchProcess(child.pid!, milliseconds, resolve))
  } finally {
    child.kill('SIGKILL')
    await ended
  }
}

test.skipIf(!existsSync('/proc/self/stat'))(
  'a process that works on is told of by the processor time it took',
  async () => {
    expect(await told('for (;;);', 100)).toBe('no end within 100 ms of processor time')
  },
)

test('a process that waits for ever is told of after ten times as long', async () => {
  expect(await told('setInterval(() => {}, 1e6)', 100)).toBe('no end within 1000 ms')
})
