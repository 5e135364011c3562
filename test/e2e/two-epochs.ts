// Two surveys of a made-up plain, written as LAS, with changes whose volumes are known. Reproducible.
import { join } from 'node:path'
import { writeLasPoints } from '../../packages/formats/src/index.ts'

export interface TwoEpochs {
  paths: [string, string]
  /** What came and what went, with the volume in cubic metres. */
  truth: { kind: 'appeared' | 'disappeared'; x: number; y: number; volume: number }[]
}

const [originX, originY] = [500_000, 5_400_000]

/** A square of `side` metres with `pointCount` points in each epoch: a box of 6 x 4 x 3 m left, one of 5 x 5 x 4 m came. */
export async function writeTwoEpochs(folder: string, pointCount: number, side = 100): Promise<TwoEpochs> {
  const left = { x: side * 0.3, y: side * 0.4, length: 6, width: 4, height: 3 }
  const came = { x: side * 0.7, y: side * 0.6, length: 5, width: 5, height: 4 }
  const paths: [string, string] = [join(folder, 'epoch1.las'), join(folder, 'epoch2.las')]
  for (const [epoch, path] of paths.entries()) {
    const random = randomNumbers(epoch + 1)
    const box = epoch === 0 ? left : came
    const [x, y, z] = [0, 0, 0].map(() => new Float64Array(pointCount)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ]
    for (let i = 0; i < pointCount; i++) {
      const [u, v] = [random() * side, random() * side]
      const onBox = Math.abs(u - box.x) < box.length / 2 && Math.abs(v - box.y) < box.width / 2
      x[i] = originX + u
      y[i] = originY + v
      z[i] = 200 + Math.sin(u / 15) + Math.cos(v / 20) + (onBox ? box.height : 0) + (random() - 0.5) * 0.02
    }
    await writeLasPoints(path, { x, y, z }, { crs: { epsg: 32632 }, createdAt: new Date(0) })
  }
  const change = (kind: 'appeared' | 'disappeared', { x, y, length, width, height }: typeof left) => ({
    kind,
    x: originX + x,
    y: originY + y,
    volume: length * width * height,
  })
  return { paths, truth: [change('disappeared', left), change('appeared', came)] }
}

/** Mulberry32: small, seeded, good enough to scatter points. */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
