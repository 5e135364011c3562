// Two disjoint random halves of the merged Autzen tiles, 2 x 2.66 million points: two surveys of one place in which
// nothing changed and no point is shared. A fixed seed decides.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { openFile, readLasHeader, readXyz, writeLasPoints } from '@alidade/formats'

/** Writes `half1.las` and `half2.las` into `folder` unless they are there; returns their paths. */
export async function autzenHalves(dataDir: string, folder: string): Promise<[string, string]> {
  const paths: [string, string] = [join(folder, 'half1.las'), join(folder, 'half2.las')]
  if ((await Promise.all(paths.map((path) => stat(path).catch(() => undefined)))).every(Boolean)) return paths
  const halves = [0, 1].map(() => ({ x: [] as number[], y: [] as number[], z: [] as number[] }))
  let state = 20_260_401
  for (const name of ['autzen-tile1-ft.laz', 'autzen-tile2-ft.laz']) {
    const source = await openFile(join(dataDir, 'pointcloud/perf', name))
    const { x, y, z } = await readXyz(source, await readLasHeader(source), { threads: 2 })
    await source.close()
    for (let i = 0; i < x.length; i++) {
      // A linear congruential generator modulo 2^32 (Numerical Recipes, 7.1); its high bits are good enough for a coin.
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      const half = halves[state >>> 31]!
      half.x.push(x[i]!)
      half.y.push(y[i]!)
      half.z.push(z[i]!)
    }
  }
  for (const [i, path] of paths.entries()) await writeLasPoints(path, halves[i]!, { scale: 0.01 })
  return paths
}
