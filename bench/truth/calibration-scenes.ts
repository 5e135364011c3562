// Surveys that costs are taken from. None of them is judged on.
import { join } from 'node:path'
import { openFile, readLasHeader, readXyz, writeLasPoints } from '@alidade/formats'
import { makeExampleScene } from '@alidade/jobs'
import { shiftedCopies } from './shifted-copies.ts'

/** Each makes the folders of both surveys below `folder`. */
export const calibrationScenes: Record<string, (data: string, folder: string) => Promise<string[]>> = {
  example: async (_data, folder) => {
    const { epochs } = await makeExampleScene(join(folder, 'example'))
    const surveys = epochs.map(({ path }) => [path])
    return shiftedCopies(surveys, 4, join(folder, 'examples'))
  },
  csite3: (data, folder) => withNoise(join(data, 'pointcloud/isprs/CSite3_orig-utm.laz'), 3, folder),
  ahn: (data, folder) => withNoise(join(data, 'pointcloud/buildings/ahn_2386_9702.laz'), 16, folder),
}

/** A survey against itself with 3 cm of noise in every coordinate. */
async function withNoise(path: string, copies: number, folder: string): Promise<string[]> {
  const source = await openFile(path)
  const { x, y, z } = await readXyz(source, await readLasHeader(source))
  await source.close()
  let state = 1
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state + 0.5) / 2 ** 32
  }
  const noisy = (value: number) =>
    value + 0.03 * Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
  const later = join(folder, `later-${copies}.las`)
  await writeLasPoints(later, { x: x.map(noisy), y: y.map(noisy), z: z.map(noisy) })
  return shiftedCopies([[path], [later]], copies, join(folder, `noise-${copies}`))
}
