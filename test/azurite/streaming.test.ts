// Memory of whoever publishes and fetches a file: a few blocks, whatever the size.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, inject, test } from 'vitest'

const program = fileURLToPath(new URL('./stream-through-store.ts', import.meta.url))

test('a file of 192 MB is published and fetched with less than 80 MB of memory for it', async () => {
  const run = promisify(execFile)
  const { stdout } = await run(process.execPath, [program, '192', inject('connectionString')])
  const { same, residentBefore, peakMegabytes } = JSON.parse(stdout)
  expect(same).toBe(true)
  expect(peakMegabytes - residentBefore, stdout).toBeLessThan(80)
})
