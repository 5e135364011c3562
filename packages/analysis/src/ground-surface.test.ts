import { expect, test } from 'vitest'
import { classifyGround } from './classify-ground.ts'
import { groundOptions } from './ground-options.ts'
import { heightsAboveGround } from './ground-height.ts'
import { GroundRaster } from './ground-raster.ts'
import { groundOf, groundShare, rasterOf, strewn } from './ground-scene.fixture.ts'
import { groundHalo, groundPasses, groundSurface, groundSurfaceWork } from './ground-surface.ts'
import { cloudOf } from './random-points.fixture.ts'
import { piecesOf, type RunPass, workOnPiece } from './raster-passes.ts'

const options = groundOptions()
const within = (west: number, east: number, south: number, north: number) => (x: number, y: number) =>
  x > west && x < east && y > south && y < north
const not = (isAt: (x: number, y: number) => boolean) => (x: number, y: number) => !isAt(x, y)

test('a raster without points gives a surface that nothing is close to', async () => {
  const raster = new GroundRaster({ min: [0, 0], max: [30, 30], cellSize: 1, heightOrigin: 0 })
  const surface = await groundSurface(raster, options)
  const into = new Uint8Array(1)
  classifyGround(surface, Float64Array.of(5), Float64Array.of(5), Float64Array.of(0), into)
  expect([...into]).toEqual([1])
})

test('a single point is ground', async () => {
  expect(await groundOf(cloudOf(1, () => [7.3, -2.8, 41]))).toEqual([true])
})

test('points of equal height are all ground, also where they are few', async () => {
  for (const count of [5000, 60]) {
    expect(await groundOf(strewn(60, count, () => 12))).not.toContain(false)
  }
})

test('a plane of 35 degrees is all ground, one of 45 but for a few points at the rim above', async () => {
  const plane = (slope: number) => strewn(80, 12_800, (x, y) => slope * (0.6 * x - 0.8 * y))
  expect(await groundOf(plane(0.7))).not.toContain(false)
  const steep = plane(1)
  const isGround = await groundOf(steep)
  expect(groundShare(steep, isGround, within(0, 78, 2, 80))).toBe(1)
  expect(groundShare(steep, isGround, () => true)).toBeGreaterThan(0.99)
})

test('a box on a slope is rest, the slope around it is ground', async () => {
  const inBox = within(30, 45, 30, 42)
  const points = strewn(90, 16_000, (x, y) => 0.3 * x + (inBox(x, y) ? 4 : 0))
  const isGround = await groundOf(points)
  expect(groundShare(points, isGround, inBox)).toBe(0)
  expect(groundShare(points, isGround, not(within(28, 47, 28, 44)))).toBe(1)
})

test('a hall too large for the window is rest, as is one in feet', async () => {
  const inHall = within(40, 120, 40, 110)
  for (const feet of [1, 1 / 0.3048]) {
    const metres = strewn(170, 30_000, (x, y) => (inHall(x, y) ? 7 : 0))
    const points = {
      x: metres.x.map((v) => v * feet),
      y: metres.y.map((v) => v * feet),
      z: metres.z.map((v) => v * feet),
    }
    const isGround = await groundOf(points, groundOptions(feet))
    expect(groundShare(metres, isGround, inHall)).toBe(0)
    expect(groundShare(metres, isGround, not(within(38, 122, 38, 112)))).toBe(1)
  }
})

test('a plateau that falls off by walls but leaves the survey is ground', async () => {
  const onPlateau = within(-1, 90, 60, 171)
  const points = strewn(170, 30_000, (x, y) => (onPlateau(x, y) ? 7 : 0))
  expect(groundShare(points, await groundOf(points), onPlateau)).toBeGreaterThan(0.97)
})

test('a narrow embankment is ground, the bridge that leads on from it is not', async () => {
  // A crown 6 m wide, 6 m high, with sides of 1 : 1.5; between x = 60 and x = 90 a deck over what lies below.
  const points = strewn(150, 90_000, (x, y) => {
    const fromAxis = Math.abs(y - 75)
    if (x > 60 && x < 90) return fromAxis < 3 ? 6 : 0
    return Math.max(0, Math.min(6, (3 + 1.5 * 6 - fromAxis) / 1.5))
  })
  const isGround = await groundOf(points)
  expect(
    groundShare(points, isGround, (x, y) => (x < 50 || x > 100) && Math.abs(y - 75) < 12),
  ).toBeGreaterThan(0.97)
  expect(groundShare(points, isGround, within(64, 86, 72, 78))).toBe(0)
})

test('a pit wider than an error of measurement is ground', async () => {
  const inPit = within(30, 42, 30, 42)
  const points = strewn(80, 25_600, (x, y) => (inPit(x, y) ? -8 : 0))
  expect(groundShare(points, await groundOf(points), within(31, 41, 31, 41))).toBe(1)
})

test('gross outliers, low and high, are rest and change no other class', async () => {
  const inBox = within(30, 45, 30, 42)
  const heightAt = (x: number, y: number) => 0.1 * x + (inBox(x, y) ? 4 : 0)
  const clean = strewn(90, 16_000, heightAt)
  const isGround = await groundOf(clean)
  const errors = strewn(90, 24, (x) => (x < 40 ? -140 : 160), 5)
  const join = (a: Float64Array, b: Float64Array) => Float64Array.of(...a, ...b)
  const all = await groundOf({
    x: join(clean.x, errors.x),
    y: join(clean.y, errors.y),
    z: join(clean.z, errors.z),
  })
  expect(all.slice(0, clean.x.length)).toEqual(isGround)
  expect(all.slice(clean.x.length)).not.toContain(true)
})

test('neither the order of points nor the size of batches changes a class', async () => {
  const points = strewn(60, 4000, (x, y) => Math.sin(x / 9) + (within(20, 30, 20, 30)(x, y) ? 5 : 0))
  const isGround = await groundOf(points)
  const backwards = {
    x: points.x.toReversed(),
    y: points.y.toReversed(),
    z: points.z.toReversed(),
  }
  expect((await groundOf(backwards)).reverse()).toEqual(isGround)
  const surface = await groundSurface(rasterOf(points), options)
  const one = new Uint8Array(1)
  for (const i of [0, 17, 3999]) {
    classifyGround(surface, points.x.slice(i), points.y.slice(i), points.z.slice(i), one, 1)
    expect(one[0] === 2).toBe(isGround[i])
  }
})

test('points beyond the raster are rest, and what is no number is refused', async () => {
  const surface = await groundSurface(rasterOf(strewn(20, 400, () => 0)), options)
  const into = new Uint8Array(1)
  const classify = (x: number, z: number) => {
    classifyGround(surface, Float64Array.of(x), Float64Array.of(3), Float64Array.of(z), into)
    return into[0]
  }
  expect([25, -5, 1e9, 3].map((x) => classify(x, 0))).toEqual([1, 1, 1, 2])
  const heights = heightsAboveGround(surface, {
    x: Float64Array.of(25, -5, 3),
    y: Float64Array.of(3, 3, 3),
    z: Float64Array.of(7, 7, 7),
  })
  expect([...heights]).toEqual([Number.NaN, Number.NaN, 7])
  for (const x of [Number.NaN, Number.POSITIVE_INFINITY]) expect(() => classify(x, 0)).toThrow(RangeError)
  for (const z of [Number.NaN, Number.NEGATIVE_INFINITY]) expect(() => classify(3, z)).toThrow(RangeError)
})

test('a raster of other cells than the options say is refused', async () => {
  const raster = new GroundRaster({ min: [0, 0], max: [30, 30], cellSize: 2, heightOrigin: 0 })
  await expect(groundSurface(raster, options)).rejects.toThrow('the raster has cells of 2, the options 1')
})

test('the work told of beforehand is what is counted', async () => {
  const raster = rasterOf(strewn(60, 3000, () => 0))
  let counted = 0
  await groundSurface(raster, options, { onAdvance: (cells) => (counted += cells) })
  expect(counted).toBe(groundSurfaceWork(raster.plan, options))
})

test('an abort ends the work with its reason before all is counted', async () => {
  const raster = rasterOf(strewn(60, 3000, () => 0))
  const abort = new AbortController()
  let counted = 0
  const work = groundSurface(raster, options, {
    signal: abort.signal,
    onAdvance: (cells) => {
      counted += cells
      abort.abort(new Error('enough'))
    },
  })
  await expect(work).rejects.toThrow('enough')
  expect(counted).toBeLessThan(groundSurfaceWork(raster.plan, options))
})

test('a tile with its halo has, bit by bit, the surface of the whole', async () => {
  // Small windows, so that the halo is; the raster is more than one block wide.
  const small = { ...options, windowRadius: 4, deckWidth: 8, raisedArea: 60, raisedExtent: 20, cellSize: 1 }
  const halo = groundHalo(small)
  const [edge, tile] = [760, { from: 340, to: 420 }]
  expect(tile.from - halo).toBeGreaterThan(0)
  expect(tile.to + halo).toBeLessThan(edge)
  const points = strewn(edge, 350_000, (x, y) => {
    const block = (Math.floor(x / 23) * 7 + Math.floor(y / 19) * 13) % 11
    const isBox = x % 23 > 4 && y % 19 > 5 && block < 5
    const hole = Math.hypot(x - 380, y - 380) < 14 ? 3 : 0
    return 6 * Math.sin(x / 31) + 5 * Math.cos(y / 17) + (isBox ? 2 + block : 0) + hole
  })
  const inHole = (i: number) => Math.hypot(points.x[i]! - 400, points.y[i]! - 350) < 12
  const seen = pick(points, (i) => !inHole(i))
  const whole = await groundSurface(rasterOf(seen, small), small)
  const inHalo = (v: number) => v >= tile.from - halo && v < tile.to + halo
  const part = await groundSurface(
    rasterOf(
      pick(seen, (i) => inHalo(seen.x[i]!) && inHalo(seen.y[i]!)),
      small,
    ),
    small,
  )
  const rowsOf = ({ plan, height, tolerance }: typeof whole) =>
    Array.from({ length: tile.to - tile.from }, (_, i) => {
      const at = (tile.from + i - plan.firstRow) * plan.columns + tile.from - plan.firstColumn
      return [height, tolerance].map((values) =>
        Buffer.from(values.slice(at, at + tile.to - tile.from).buffer),
      )
    })
  expect(part.plan.columns).toBeLessThan(whole.plan.columns)
  expect(rowsOf(part)).toEqual(rowsOf(whole))
})

test('the pieces of a pass may be done in any order, and by others, each counted in the part that it is of', async () => {
  const points = strewn(660, 90_000, (x, y) => 6 * Math.sin(x / 31) + (x % 23 > 14 && y % 19 > 12 ? 3 : 0))
  const raster = rasterOf(points)
  const inTurn = await groundSurface(raster, options)
  const kinds = new Set<string>()
  const begun: string[] = []
  const run: RunPass = async (pass, onPiece) => {
    begun.push(`${pass.kind} in ${partAt(told / raster.lowest.length)}`)
    for (let piece = piecesOf(pass) - 1; piece >= 0; piece--) {
      workOnPiece(structuredClone(pass), piece)
      onPiece?.(piece)
    }
    if (piecesOf(pass) > 1) kinds.add(pass.kind)
  }
  let told = 0
  const onAdvance = (cells: number) => {
    told += cells
  }
  expect(await groundSurface(raster, options, { run, onAdvance })).toEqual(inTurn)
  expect(told).toBe(groundSurfaceWork(raster.plan, options))
  expect(kinds.size).toBe(7)
  expect(begun).toEqual([
    'outliers in outliers',
    'nearest in outliers',
    'objects in windows',
    'nearest in edges',
    'lowest in edges',
    'nearest in refill',
    'continuation in continuation',
    'smooth in smooth',
    'tolerance in tolerance',
  ])
})

/** What is done once so many passes are. */
function partAt(passed: number): string | undefined {
  let before = 0
  for (const [part, passes] of Object.entries(groundPasses(options))) {
    before += passes
    if (before > passed) return part
  }
  return undefined
}

function pick(points: ReturnType<typeof strewn>, isPicked: (i: number) => boolean) {
  const picked = Array.from(points.x.keys()).filter(isPicked)
  return cloudOf(picked.length, (i) => {
    const from = picked[i]!
    return [points.x[from]!, points.y[from]!, points.z[from]!]
  })
}
