import { execFile } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LineBuffer } from './line-buffer.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alidade-lines-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('lines arrive in order: many at once, and the last ones a moment later without being asked for', async () => {
  const path = join(folder, 'file')
  const fd = openSync(path, 'w')
  try {
    const buffer = new LineBuffer(fd)
    buffer.write('first, grün\n')
    expect(readFileSync(path, 'utf8')).toBe('')
    await expect.poll(() => readFileSync(path, 'utf8')).toBe('first, grün\n')
    const many = Array.from({ length: 4000 }, (_, i) => `line ${i} of many\n`)
    for (const line of many) buffer.write(line)
    expect(readFileSync(path).length).toBeGreaterThan(32_000)
    buffer.flush()
    expect(readFileSync(path, 'utf8')).toBe(`first, grün\n${many.join('')}`)
  } finally {
    closeSync(fd)
  }
})

test('a pipe that is read slowly gets every line, one that nobody reads any more ends the wait', async () => {
  const program = `
    import { LineBuffer } from ${JSON.stringify(new URL('./line-buffer.ts', import.meta.url).href)}
    process.stdout // makes the pipe non-blocking
    const buffer = new LineBuffer(1)
    for (let i = 0; i < 60000; i++) buffer.write(i + ' of many lines\\n')
    buffer.flush()
    process.exit(7)`
  const run = (command: string) =>
    promisify(execFile)('bash', [
      '-c',
      `"$0" --input-type=module -e "$1" | ${command}; echo "\${PIPESTATUS[0]}"`,
      process.execPath,
      program,
    ])
  expect((await run('(sleep 0.3; wc -l)')).stdout.trim().split(/\s+/)).toEqual(['60000', '7'])
  expect((await run('head -n 1')).stdout.trim().split('\n')).toEqual(['0 of many lines', '7'])
})
