// Points go out to tiles and come back as the classes that were found for them.
import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeAttribute, decodeXyz, openFile, readLasHeader, readPointBatches } from '@alidade/formats'
import { expect, test } from 'vitest'
import type { Step as GroundStep } from '../../extract-ground/step-costs.ts'
import type { InputFile, JobContext, Tile, WorkFiles } from '../../job-type.ts'
import { inputFiles, temporaryFolder } from '../../run-job.fixture.ts'
import { town, writeTown } from '../town.fixture.ts'
import { type CloudTile, dealCloud, filesOfTile, isCore, readTile } from './cloud-in-tiles.ts'
import { withClassesOfTiles, writeTileClasses } from './tile-classes.ts'

const halo = 7
const { signal } = new AbortController()

async function contextOf(paths: string[]): Promise<JobContext<GroundStep>> {
  return {
    inputs: { pointClouds: await inputFiles(paths) },
    ...{ outputs: {}, options: {}, signal, threads: 2, scratch: await temporaryFolder() },
    progress: { begin: () => ({ advance: () => {} }) },
    warn: () => {},
  }
}

async function filesIn(folder: string): Promise<WorkFiles> {
  const files: Record<string, InputFile> = {}
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    files[name] = { name, segments: [{ path, sizeBytes: (await stat(path)).size }] }
  }
  return files
}

/** The town as two files, and what stands in them. */
async function twoFiles(folder: string) {
  const made = town()
  const half = made.x.length >> 1
  const part = (from: number, to: number) => ({
    ...{ x: made.x.slice(from, to), y: made.y.slice(from, to), z: made.z.slice(from, to), truth: [] },
  })
  const classification = made.x.map((_, i) => i % 31)
  const paths = [
    await writeTown(folder, 'a.las', part(0, half), { classification: classification.slice(0, half) }),
    await writeTown(folder, 'b.las', part(half, made.x.length), {
      classification: classification.slice(half),
    }),
  ]
  const all: { x: number; y: number; z: number; code: number }[] = []
  for (const path of paths) {
    const source = await openFile(path)
    const header = await readLasHeader(source)
    for await (const batch of readPointBatches(source, header)) {
      const [x, y, z] = [0, 1, 2].map(() => new Float64Array(batch.count)) as [
        Float64Array,
        Float64Array,
        Float64Array,
      ]
      decodeXyz(batch, header, x, y, z, 0)
      const codes = decodeAttribute(batch, header, 'classification')
      for (let i = 0; i < batch.count; i++) all.push({ x: x[i]!, y: y[i]!, z: z[i]!, code: codes[i]! })
    }
    await source.close()
  }
  return { paths, all }
}

test('every point comes to its tile and to those around it, and the classes of all tiles back in the order of the files', async () => {
  const folder = await temporaryFolder()
  const { paths, all } = await twoFiles(folder)
  const context = await contextOf(paths)
  const shared = { path: (name: string) => join(folder, 'shared', name) }
  await mkdir(join(folder, 'shared'))
  const dealing = { tilePoints: all.length / 8, halo: () => halo, attributes: ['classification', 'nothing'] }
  const tiles = await dealCloud(context, shared, dealing, async (dealt) => dealt.tiles)
  expect(tiles).toHaveLength(8)

  const done: { tile: Tile; results: WorkFiles }[] = []
  for (const facts of tiles.map((tile) => JSON.parse(JSON.stringify(tile)) as CloudTile)) {
    const files = await filesIn(join(folder, 'shared'))
    const tile: Tile = {
      ...{ name: `${facts.number}`, files: filesOfTile(facts), inputs: {}, seconds: 1 },
      facts: { ...facts },
    }
    const { points, columns, surface } = await readTile({ tile, files, signal })
    expect(surface.height.length).toBeGreaterThan(80 * 80)
    const { from, to } = facts
    const expected = all.flatMap(({ x, y }, i) => {
      const within = (value: number, axis: 0 | 1) => value - from[axis] >= -halo && value - to[axis] < halo
      return within(x, 0) && within(y, 1) ? [i] : []
    })
    expect([...points.number]).toEqual(expected)
    expect(expected).toHaveLength(facts.points)
    expect([...points.z]).toEqual(expected.map((i) => all[i]!.z))
    expect([...columns[0]!]).toEqual(expected.map((i) => all[i]!.code))
    expect(Math.max(...columns[1]!)).toBe(0)
    const core = expected.filter((i) => isCore(facts, all[i]!.x, all[i]!.y))
    expect(core).toHaveLength(facts.own)

    const results = join(folder, `tile-${facts.number}`)
    await mkdir(results)
    const classes = Uint8Array.from(points.number, (number) => number % 251)
    const confidence = Uint8Array.from(points.number, (number) => number % 241)
    await writeTileClasses({ path: (name) => join(results, name) }, facts, points, { classes, confidence })
    done.push({ tile, results: await filesIn(results) })
  }

  await withClassesOfTiles({ ...context, tiles: done }, async ({ cloud, found }) => {
    expect(cloud.pointCount).toBe(all.length)
    for (let at = 0; at < all.length; at += 7001) {
      const count = Math.min(7001, all.length - at)
      const { classes, confidence } = await found.take(count)
      expect([...classes]).toEqual(Array.from({ length: count }, (_, k) => (at + k) % 251))
      expect([...confidence]).toEqual(Array.from({ length: count }, (_, k) => (at + k) % 241))
    }
  })
  const fewer = await contextOf(paths.slice(1))
  const merging = withClassesOfTiles({ ...fewer, tiles: done }, async () => {})
  await expect(merging).rejects.toMatchObject({ jobMessage: { code: 'InputData_Changed' } })
})
