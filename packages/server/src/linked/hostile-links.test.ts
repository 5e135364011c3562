// What must never be seen through a linked folder, whoever may write into it.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type LinkedPlace, makeLinkedPlace, secret } from './linked-folder.fixture.ts'
import { LinkedFolders } from './linked-folders.ts'
import { openLinkedRoots } from './linked-roots.ts'

let place: LinkedPlace
beforeEach(async () => {
  place = await makeLinkedPlace()
  await writeFile(join(place.folder, 'good.las'), 'good')
})
afterEach(() => place.remove())

const names = async () => (await place.folders.list(place.folder)).blobs.map(({ name }) => name)

/** What each way of getting at a file makes of the name. */
async function seen(name: string, folder = place.folder): Promise<unknown[]> {
  const { folders } = place
  const ways = [
    folders.get(folder, name),
    folders.localSegments(folder, name),
    folders.read(folder, name).then(async ({ stream }) => Buffer.concat(await stream.toArray()).toString()),
  ]
  const answers = await Promise.allSettled(ways)
  return answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : answer.reason.code))
}
const nothing = [undefined, undefined, 'BlobNotFound']
const refused = ['InvalidName', 'InvalidName', 'InvalidName']
const gone = ['ContainerGone', 'ContainerGone', 'ContainerGone']

test('names that lead out of the folder lead nowhere', async () => {
  const out = 'elsewhere/secret.las'
  for (const name of [
    `../../${out}`,
    '../other/secret.las',
    '..',
    '.',
    './good.las',
    'good.las/..',
    `a/../../../${out}`,
    `..\\..\\elsewhere\\secret.las`,
    'C:\\secret.las',
    'good.las\0.txt',
    '\0',
    '',
    'x'.repeat(2000),
  ])
    expect([name, await seen(name)]).toEqual([name, refused])
  for (const name of [
    join(place.outside, 'secret.las'),
    `/../../${out}`.replaceAll('..', '%2e%2e'),
    '%2e%2e/other/secret.las',
    '..%2fother%2fsecret.las',
    '.../other/secret.las',
    '//good.las',
    'good.las/',
    'good.las//',
    'x/'.repeat(500),
    'é'.repeat(300),
  ])
    expect([name, await seen(name)]).toEqual([name, nothing])
})

test('links that leave the folder are not there: to files, to folders, by chains, relative and absolute', async () => {
  const { folder, outside, root } = place
  await symlink(join(outside, 'secret.las'), join(folder, 'file.las'))
  await symlink('../../elsewhere/secret.las', join(folder, 'relative.las'))
  await symlink('../other/secret.las', join(folder, 'neighbour.las'))
  await symlink(outside, join(folder, 'tiles'))
  await symlink('tiles', join(folder, 'chain'))
  await symlink('file.las', join(folder, 'chain.las'))
  await symlink(join(folder, '..'), join(folder, 'up'))
  await symlink('/', join(folder, 'everything'))
  await symlink(`/proc/self/cwd`, join(folder, 'cwd'))
  await symlink('nowhere', join(folder, 'broken.las'))
  expect(await names()).toEqual(['good.las'])
  for (const name of [
    ...['file.las', 'relative.las', 'neighbour.las', 'tiles/secret.las', 'chain/secret.las', 'chain.las'],
    ...['up/other/secret.las', 'up/2026-03/good.las/x', `everything${outside}/secret.las`, 'broken.las'],
    ...['cwd/package.json', 'up', 'tiles'],
  ])
    expect([name, await seen(name)]).toEqual([name, nothing])
  // By a way around, what is in the folder is in the folder.
  expect(await seen(`everything${root.slice(0)}/2026-03/good.las`)).toMatchObject([
    { sizeBytes: 4 },
    [{}],
    'good',
  ])
})

test('pipes, sockets and devices are not there, and nobody waits for them', async () => {
  await promisify(execFile)('mkfifo', [join(place.folder, 'pipe.las')])
  await symlink('/dev/zero', join(place.folder, 'zero.las'))
  await symlink('pipe.las', join(place.folder, 'to-pipe.las'))
  const server = createServer().listen(join(place.folder, 's'))
  await once(server, 'listening')
  // Only root may make one; elsewhere the link above stands for it.
  await promisify(execFile)('mknod', [join(place.folder, 'null.las'), 'c', '1', '3']).catch(() => undefined)
  expect(await names()).toEqual(['good.las'])
  for (const name of ['pipe.las', 'zero.las', 'to-pipe.las', 's', 'null.las'])
    expect([name, await seen(name)]).toEqual([name, nothing])
  server.close()
})

test('what turns into a link after it was seen is gone from then on: a file, a folder above it, the linked folder', async () => {
  const { folder, outside } = place
  await mkdir(join(folder, 'tiles'))
  await writeFile(join(folder, 'tiles', 'secret.las'), 'good')
  expect(await names()).toEqual(['good.las', 'tiles/secret.las'])
  await rename(join(folder, 'tiles'), join(place.root, 'moved'))
  await symlink(outside, join(folder, 'tiles'))
  expect(await seen('tiles/secret.las')).toEqual(nothing)
  await rm(join(folder, 'good.las'))
  await symlink(join(outside, 'secret.las'), join(folder, 'good.las'))
  expect(await seen('good.las')).toEqual(nothing)
  expect(await names()).toEqual([])

  await rename(folder, `${folder}-old`)
  await symlink(outside, folder)
  expect(await seen('secret.las')).toEqual(gone)
  await rm(folder)
  await symlink(join(place.root, 'other'), folder)
  expect(await seen('secret.las')).toEqual(gone)
  await expect(names()).rejects.toMatchObject({ code: 'ContainerGone' })
})

test('somebody who swaps a file for a link as fast as the disk can gets nothing out', async () => {
  const { folder, outside } = place
  const [target, good, bad] = ['target.las', '.good', '.bad'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  // In turn a file, a link to the secret, and a link in place of the folder above.
  const swapper = spawn(
    process.execPath,
    [
      '-e',
      `const fs = require('node:fs')
       const [folder, target, good, bad, outside] = process.argv.slice(1)
       fs.mkdirSync(folder + '/a'); fs.writeFileSync(folder + '/a/secret.las', 'good')
       fs.symlinkSync(outside, folder + '/b')
       process.stdout.write('begun')
       for (;;) {
         fs.writeFileSync(good, 'good'); fs.renameSync(good, target)
         fs.symlinkSync(outside + '/secret.las', bad); fs.renameSync(bad, target)
         fs.renameSync(folder + '/a', folder + '/c'); fs.renameSync(folder + '/b', folder + '/a')
         fs.renameSync(folder + '/a', folder + '/b'); fs.renameSync(folder + '/c', folder + '/a')
       }`,
      ...[folder, target, good, bad, outside],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  await once(swapper.stdout!, 'data')
  const tally: Record<string, number> = {}
  try {
    for (const end = performance.now() + 2000; performance.now() < end; ) {
      for (const name of ['target.las', 'a/secret.las']) {
        const [, , text] = await seen(name)
        tally[String(text)] = (tally[String(text)] ?? 0) + 1
      }
    }
  } finally {
    swapper.kill('SIGKILL')
    await once(swapper, 'exit')
  }
  expect(tally[secret]).toBeUndefined()
  // Both sides were met, so that the race was one.
  expect(tally.good).toBeGreaterThan(0)
  expect(tally.BlobNotFound).toBeGreaterThan(0)
})

test('only folders below a root are admitted, by their real path, and never what the service keeps for itself', async () => {
  const { folders, folder, root, outside, own } = place
  expect(await folders.admit(`${folder}/../2026-03/`)).toBe(folder)
  expect(await folders.admit(join(root, 'other'))).toBe(join(root, 'other'))
  await symlink(folder, join(root, 'march'))
  expect(await folders.admit(join(root, 'march'))).toBe(folder)
  await symlink(outside, join(root, 'out'))
  await mkdir(`${root}-2`)
  await mkdir(join(own, 'blobs'))
  for (const [named, why] of [
    [outside, /roots/],
    [join(root, 'out'), /roots/],
    [join(root, '..'), /roots/],
    [`${root}-2`, /roots/],
    [join(root, 'missing'), /roots/],
    [join(outside, 'missing'), /roots/],
    ['/', /roots/],
    ['/proc/self/cwd', /roots/],
    ['scans', /absolute/],
    ['', /absolute/],
    [`${folder}\0`, /absolute/],
    [join(folder, 'good.las'), /must be a folder/],
    [own, /keeps for itself/],
    [join(own, 'blobs'), /keeps for itself/],
    [root, /keeps for itself/],
  ] as const)
    await expect(folders.admit(named), named).rejects.toThrow(why)
})

test('a root that is taken from the settings, or becomes a link, takes its folders with it', async () => {
  const { folder, root, outside } = place
  const without = new LinkedFolders(openLinkedRoots([outside], []))
  await expect(without.list(folder)).rejects.toMatchObject({ code: 'ContainerGone' })
  await expect(without.read(folder, 'good.las')).rejects.toMatchObject({ code: 'ContainerGone' })
  expect(await without.reaches(folder)).toBe(false)
  await expect(new LinkedFolders(openLinkedRoots([], [])).admit(folder)).rejects.toThrow(/names no root/)

  await rename(root, `${root}-moved`)
  await symlink(`${root}-moved`, root)
  expect(await seen('good.las')).toEqual(gone)
})
