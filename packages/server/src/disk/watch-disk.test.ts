import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pino } from 'pino'
import { expect, onTestFinished } from 'vitest'
import { makeSmallDisk, testOnSmallDisk } from './small-disk.fixture.ts'
import { watchDisk } from './watch-disk.ts'

const megabyte = 2 ** 20

async function watchSmallDisk(lowWaterBytes?: number) {
  const disk = makeSmallDisk(40)
  const logged: string[] = []
  const log = pino({ base: null }, { write: (line) => void logged.push(JSON.parse(line).msg) })
  const watch = await watchDisk({ folder: join(disk.path, 'data'), reserve: true, lowWaterBytes, log })
  onTestFinished(() => watch.stop())
  return { disk, watch, logged, data: join(disk.path, 'data') }
}

testOnSmallDisk('the mark is 5 % of a small disk, or what was asked for', async () => {
  expect((await watchSmallDisk()).watch.space().lowWaterBytes).toBe(2 * megabyte)
  expect((await watchSmallDisk(7e6)).watch.space().lowWaterBytes).toBe(7e6)
})

testOnSmallDisk(
  'a disk that fills up is noticed, and so is that it has space again, each said once',
  async () => {
    const { disk, watch, logged } = await watchSmallDisk()
    expect(watch.space().low).toBe(false)
    await disk.fill(megabyte)
    await until(() => watch.space().low)
    await watch.look()
    await watch.look()
    await disk.empty()
    await until(() => !watch.space().low)
    await watch.look()
    expect(logged).toEqual([
      'the disk is nearly full: uploads are refused, no job is begun',
      'there is space on the disk again: all goes on',
    ])
  },
)

testOnSmallDisk(
  'the reserve is there for the database on a full disk, once, and made again when there is space',
  async () => {
    const { disk, watch, data } = await watchSmallDisk()
    const reserveIsWhole = async () => (await readdir(data)).includes('reserve')
    await until(reserveIsWhole)
    expect((await stat(join(data, 'reserve'))).size).toBe(4 * megabyte)
    await disk.fill()
    expect(await watch.hasRoom()).toBe(false)
    await until(() => watch.space().low)

    expect(await watch.makeRoom()).toBe(true)
    expect(await watch.hasRoom()).toBe(true)
    expect(await watch.makeRoom()).toBe(false)
    // What was given away is no recovery.
    expect(await watch.look()).toMatchObject({ freeBytes: 0, low: true })
    expect(await readdir(data)).toEqual([])

    await disk.empty()
    await until(() => !watch.space().low)
    await until(reserveIsWhole)
    expect(await watch.makeRoom()).toBe(true)
  },
)

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await delay(5)
}
