import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFile, readLasHeader, readXyz } from '@alidade/formats'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ExampleScene, type ExampleTruth, makeExampleScene } from './example-scene.ts'
import { corner, surfaceHeight } from './example-site.ts'

let folder: string
let scene: ExampleScene

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alidade-scene-'))
  scene = await makeExampleScene(join(folder, 'first'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function readTruth(): Promise<ExampleTruth> {
  return JSON.parse(await readFile(scene.truthPath, 'utf8'))
}

async function readSurvey(index: number) {
  const source = await openFile(scene.epochs[index]!.path)
  try {
    const header = await readLasHeader(source)
    return { header, points: await readXyz(source, header) }
  } finally {
    await source.close()
  }
}

test('both surveys are LAS 1.4, point format 6, in EPSG:32632, with 150,000 to 300,000 points', async () => {
  for (const index of [0, 1]) {
    const { header } = await readSurvey(index)
    expect(header).toMatchObject({
      versionMinor: 4,
      pointFormat: 6,
      pointCount: scene.epochs[index]!.pointCount,
    })
    expect(header.crs).toMatchObject({ epsg: 32632, kind: 'projected' })
    expect(header.pointCount).toBeGreaterThan(150_000)
    expect(header.pointCount).toBeLessThan(300_000)
  }
})

test('making the scene again gives the same bytes', async () => {
  const again = await makeExampleScene(join(folder, 'again'))
  const paths = (one: ExampleScene) => [...one.epochs.map(({ path }) => path), one.truthPath]
  for (const [i, path] of paths(again).entries()) {
    expect((await readFile(path)).equals(await readFile(paths(scene)[i]!)), path).toBe(true)
  }
})

test('the true volumes are those between the two surfaces', async () => {
  const step = 0.1
  for (const { what, kind, east, north, volumeCubicMetres } of (await readTruth()).changes) {
    const [x, y] = [east - corner.east, north - corner.north]
    let rise = 0
    for (let dx = -9 + step / 2; dx < 9; dx += step) {
      for (let dy = -9 + step / 2; dy < 9; dy += step) {
        rise += surfaceHeight(x + dx, y + dy, 2) - surfaceHeight(x + dx, y + dy, 1)
      }
    }
    const volume = rise * step * step
    expect(volume > 0 ? 'appeared' : 'disappeared', what).toBe(kind)
    expect(Math.abs(volume) / volumeCubicMetres, what).toBeCloseTo(1, 2)
  }
})

test('apart from the true changes the surface is the same both times', async () => {
  const { changes } = await readTruth()
  for (let x = 0.5; x < 110; x++) {
    for (let y = 0.5; y < 90; y++) {
      const inChange = changes.some(({ east, north, lengthMetres, widthMetres }) => {
        const away = Math.hypot(corner.east + x - east, corner.north + y - north)
        return away <= Math.hypot(lengthMetres, widthMetres) / 2
      })
      if (!inChange) expect(surfaceHeight(x, y, 2), `${x} ${y}`).toBe(surfaceHeight(x, y, 1))
    }
  }
})

test('the surveys are scattered independently: hardly a place was measured twice', async () => {
  const [first, second] = [(await readSurvey(0)).points, (await readSurvey(1)).points]
  const place = (points: typeof first, i: number) => `${points.x[i]!.toFixed(2)} ${points.y[i]!.toFixed(2)}`
  const places = new Set(Array.from(first.x, (_, i) => place(first, i)))
  let shared = 0
  for (let i = 0; i < second.x.length; i++) if (places.has(place(second, i))) shared++
  expect(shared / second.x.length).toBeLessThan(0.02)
})

test('heights scatter about the surface by 1 to 2 centimetres', async () => {
  const { points } = await readSurvey(1)
  // A level part of the yard, where a place off by noise has the same height.
  const residuals: number[] = []
  for (let i = 0; i < points.x.length; i++) {
    const [x, y] = [points.x[i]! - corner.east, points.y[i]! - corner.north]
    if (x > 42 && x < 55 && y > 25 && y < 30) residuals.push(points.z[i]! - surfaceHeight(x, y, 2))
  }
  const deviation = Math.sqrt(residuals.reduce((sum, residual) => sum + residual ** 2, 0) / residuals.length)
  expect(residuals.length).toBeGreaterThan(1000)
  expect(deviation).toBeGreaterThan(0.01)
  expect(deviation).toBeLessThan(0.02)
})

test('below the truck nothing was seen, and its place was seen after it had left', async () => {
  const { changes } = await readTruth()
  const truck = changes.find(({ what }) => what.startsWith('truck'))!
  const heights: number[][] = []
  for (const index of [0, 1]) {
    const { points } = await readSurvey(index)
    const near: number[] = []
    for (let i = 0; i < points.x.length; i++) {
      if (Math.hypot(points.x[i]! - truck.east, points.y[i]! - truck.north) < 1) near.push(points.z[i]!)
    }
    heights.push(near.sort((a, b) => a - b))
  }
  const [before, after] = heights as [number[], number[]]
  expect(before[0]! - after.at(-1)!).toBeGreaterThan(truck.heightMetres - 0.2)
  expect(before[0]! - after.at(-1)!).toBeLessThan(truck.heightMetres + 0.2)
})
