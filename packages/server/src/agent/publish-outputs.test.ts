import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { WorkBlobs } from '../blobs/blob-store.ts'
import { publishFolders } from './publish-outputs.ts'

/** A job with one output of so many files, and blobs on another machine that take each file when `publish` does. */
async function jobWithFiles(count: number, publish: (name: string) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), 'alidade-outputs-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await mkdir(join(folder, 'tiles'))
  for (let i = 0; i < count; i++) await writeFile(join(folder, 'tiles', `${i}`), 'tile')
  const reported: number[] = []
  const blobs = { publishFile: (_: unknown, name: string) => publish(name) }
  const write = (remote: Partial<WorkBlobs> = {}) =>
    publishFolders(
      { ...blobs, ...remote } as unknown as WorkBlobs,
      [{ path: folder, container: { id: 'out', attempt: 3 } }],
      {
        step: 'Write_Results',
        signal: new AbortController().signal,
        progress: { report: ({ done }) => void reported.push(done) },
      },
    )
  return { write, reported }
}

test('files go to another machine eight at a time, to a folder of this one one by one, and each counts once', async () => {
  const published: string[] = []
  let under = 0
  let most = 0
  const { write, reported } = await jobWithFiles(20, async (name) => {
    most = Math.max(most, ++under)
    await new Promise(setImmediate)
    under--
    published.push(name)
  })
  await write()
  expect(new Set(published).size).toBe(20)
  expect([most, reported]).toEqual([8, Array.from({ length: 21 }, (_, i) => i)])
  most = 0
  await write({ localSegments: async () => [] })
  expect(most).toBe(1)
})

test('when a file is refused no further one is begun, and none is under way when that is told', async () => {
  const begun: string[] = []
  const ended: string[] = []
  const { write } = await jobWithFiles(100, async (name) => {
    begun.push(name)
    const turn = begun.length
    for (let i = 0; i < turn; i++) await new Promise(setImmediate)
    ended.push(name)
    if (turn === 2) throw new Error('refused')
  })
  await expect(write()).rejects.toThrow('refused')
  expect(begun.length).toBeLessThan(20)
  expect(ended.sort()).toEqual(begun.sort())
})
