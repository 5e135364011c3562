import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { lockFolder } from './lock-folder.ts'

let folder: string
let lock: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alidade-lock-'))
  lock = join(folder, 'database.lock')
})
afterAll(() => rm(folder, { recursive: true }))
beforeEach(async () => {
  for (const name of await readdir(folder)) await rm(join(folder, name))
})

/** A process of its own that takes the lock and holds it. */
async function holder() {
  const module = new URL('./lock-folder.ts', import.meta.url).href
  const script = `const { lockFolder } = await import(${JSON.stringify(module)})
    await lockFolder(${JSON.stringify(lock)}); console.log('held'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}

test('a lock that a living process holds is refused and names it; once it is dead, it is taken over', async () => {
  const child = await holder()
  await expect(lockFolder(lock)).rejects.toThrow(
    `${join(folder, 'database')} is in use by process ${child.pid}; stop that one first`,
  )
  child.kill('SIGKILL')
  await once(child, 'exit')
  const unlock = await lockFolder(lock)
  expect(await readFile(lock, 'utf8')).toMatch(new RegExp(`^${process.pid} `))
  await unlock()
  expect(await readdir(folder)).toEqual([])
})

test('a pid that another program was given since does not hold the lock', async () => {
  await writeFile(lock, `${process.pid} 1`)
  await (await lockFolder(lock))()
})

test.each([
  ['', 'nothing'],
  ['0 0', 'no pid'],
  ['soon', 'no number'],
])('a lock that says %j (%s) holds nobody up', async (content) => {
  await writeFile(lock, content)
  await (await lockFolder(lock))()
})

test('of many that start at once on the lock of a dead process, never two get it', async () => {
  for (let round = 0; round < 30; round++) {
    await writeFile(lock, '999999999 1')
    await writeFile(`${lock}.999999998.1.left-by-the-dead`, '')
    let held = 0
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, async () => {
        const unlock = await lockFolder(lock)
        held++
        expect(held).toBe(1)
        return unlock
      }),
    )
    const unlocks = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
    expect(unlocks).toHaveLength(1)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(String(outcome.reason)).toMatch(/is in use by process/)
    }
    await unlocks[0]!()
    expect(await readdir(folder)).toEqual([])
  }
})
