// Where sources are kept compiled between starts. The program is plain JavaScript beside the command: nothing is compiled before it.
import { execFile } from 'node:child_process'
import { chmod, lstat, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const inBin = (name: string) => fileURLToPath(new URL(`../../bin/${name}`, import.meta.url))
const { ownFolder }: { ownFolder(env: Record<string, string>): string | undefined } = await import(
  inBin('keep-compiled.js')
)

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'alidade-caches-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** What lies in the user's folder for caches after a start of the command. */
async function keptBy(env: Record<string, string>): Promise<string[]> {
  const caches = await newFolder()
  const given = { PATH: process.env.PATH, XDG_CACHE_HOME: caches, ...env }
  await promisify(execFile)(process.execPath, [inBin('alidade.js'), '--version'], { env: given })
  return readdir(caches, { recursive: true })
}

test('a start leaves its sources compiled below the folder for caches, unless that is turned off', async () => {
  expect((await keptBy({})).length).toBeGreaterThan(5)
  expect(await keptBy({ NODE_DISABLE_COMPILE_CACHE: '1' })).toEqual([])
})

test('another folder that is named is taken instead', async () => {
  const named = await newFolder()
  expect(await keptBy({ NODE_COMPILE_CACHE: named })).toEqual([])
  expect(await readdir(named)).not.toEqual([])
})

test('the folder is made for this user alone', async () => {
  const folder = ownFolder({ XDG_CACHE_HOME: join(await newFolder(), 'not', 'yet') })
  expect((await lstat(folder!)).mode & 0o777).toBe(0o700)
})

test.each(['', 'alidade', 'alidade/compiled'])(
  'where others may write to <caches>/%s nothing of it is run',
  async (name) => {
    const caches = await newFolder()
    await mkdir(join(caches, 'alidade/compiled'), { recursive: true })
    expect(ownFolder({ XDG_CACHE_HOME: caches })).toBe(join(caches, 'alidade/compiled'))
    await chmod(join(caches, name), 0o777)
    expect(ownFolder({ XDG_CACHE_HOME: caches })).toBeUndefined()
  },
)

test('a link, or a file in the way, is not followed and not replaced', async () => {
  const [caches, elsewhere] = [await newFolder(), await newFolder()]
  await symlink(elsewhere, join(caches, 'alidade'))
  expect(ownFolder({ XDG_CACHE_HOME: caches })).toBeUndefined()
  await rm(join(caches, 'alidade'))
  await writeFile(join(caches, 'alidade'), '')
  expect(ownFolder({ XDG_CACHE_HOME: caches })).toBeUndefined()
})
