import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockFolder } from '../store/lock-folder.ts'
import { DemoFolderError, openDemoFolder, openFreshDemoFolder } from './demo-folder.ts'

let parent: string
let base: string

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'alidade-demo-folder-'))
  base = join(parent, 'alidade-demo')
})
afterEach(() => rm(parent, { recursive: true, force: true }))

test('a folder that does not exist is made, with the folders above it', async () => {
  const folder = await openDemoFolder(join(base, 'deep'))
  await folder.release()
  expect(folder.path).toBe(join(base, 'deep'))
  expect(await readdir(folder.dataDir)).toEqual([])
})

test('the next demo starts with fresh data, scene and results, and leaves other files alone', async () => {
  const first = await openDemoFolder(base)
  await first.release()
  for (const path of [first.dataDir, first.sceneDir, first.resultsDir]) {
    await mkdir(join(path, 'inner'), { recursive: true })
    await writeFile(join(path, 'inner', 'old'), '')
  }
  await writeFile(join(base, 'my-notes.txt'), 'mine')

  const second = await openFreshDemoFolder(base)
  await second.release()
  expect(second.path).toBe(base)
  expect(await readdir(second.dataDir)).toEqual([])
  expect((await readdir(base)).sort()).toEqual(['data', 'made-by-alidade-demo.txt', 'my-notes.txt'])
  expect(await readFile(join(base, 'my-notes.txt'), 'utf8')).toBe('mine')
})

test('a folder with files of somebody else is left as it is, and another name is taken', async () => {
  await mkdir(join(base, 'data'), { recursive: true })
  await writeFile(join(base, 'data', 'thesis.tex'), 'mine')
  await writeFile(`${base}-2`, 'a file, no folder')
  const folder = await openFreshDemoFolder(base)
  await folder.release()
  expect(folder.path).toBe(`${base}-3`)
  expect(await readdir(base)).toEqual(['data'])
  expect(await readFile(join(base, 'data', 'thesis.tex'), 'utf8')).toBe('mine')
})

test('a folder that was asked for by name is refused rather than replaced by another', async () => {
  await mkdir(base)
  await writeFile(join(base, 'thesis.tex'), 'mine')
  await expect(openDemoFolder(base)).rejects.toThrow(DemoFolderError)
  await expect(openDemoFolder(base)).rejects.toThrow(/holds files that the demo did not make/)
  expect(await readdir(parent)).toEqual(['alidade-demo'])
})

test('a folder whose data a running demo or service uses is not emptied', async () => {
  const first = await openDemoFolder(base)
  await writeFile(join(first.dataDir, 'precious'), '')
  await expect(openDemoFolder(base)).rejects.toThrow(/is in use by process \d+/)
  const second = await openFreshDemoFolder(base)
  expect(second.path).toBe(`${base}-2`)
  await second.release()
  expect(await readdir(first.dataDir)).toContain('precious')
  await first.release()

  const unlock = await lockFolder(join(first.dataDir, 'database.lock'))
  await expect(openDemoFolder(base)).rejects.toThrow(/is in use by process \d+/)
  await unlock()
  expect(await readdir(first.dataDir)).toContain('precious')
})
