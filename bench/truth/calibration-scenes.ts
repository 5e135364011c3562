// Surveys that costs are taken from: real scans, none of which is judged on, in the order in which they were flown. Points in
// an order of chance, as made-up scenes have them, cost up to three times as much in kernels that look at neighbours.
import { join } from 'node:path'
import { openFile, readLasHeader, readXyz, writeLasPoints } from '@alidade/formats'
import { makeExampleScene } from '@alidade/jobs'
import { shiftedCopies } from './shifted-copies.ts'

export interface CalibrationScene {
  /** Makes the folders of both surveys below `folder`. */
  surveys(data: string, folder: string): Promise<string[]>
  /** What may be learnt from it, where that is not all. */
  only?: readonly string[]
  /** Where they are others than those of the type. */
  outputs?: readonly string[]
  options?: Record<string, string>
}

const csite3 = 'isprs/CSite3_orig-utm.laz'
/** Small: some ten thousand points. */
const sample = 'isprs/samp21-utm.laz'
const ahn = 'buildings/ahn_2386_9702.laz'
const ofLaz = ['startDecoding', 'readLaz'] as const

/** Ground is sought in one survey: as LAS and as LAZ, written once, twice, compressed, in another system, and in many small files. */
export const groundScenes: Record<string, CalibrationScene> = {
  csite3Las: {
    surveys: async (data, folder) => (await halves(data, csite3, 12, folder)).slice(0, 1),
    outputs: ['segmentedPointCloud'],
  },
  csite3Twice: {
    surveys: async (data, folder) => (await halves(data, csite3, 12, folder)).slice(0, 1),
    outputs: ['segmentedPointCloud', 'segmentation3D', 'exportedSegmentation3DLAS'],
  },
  csite3LasToLaz: {
    surveys: async (data, folder) => (await halves(data, csite3, 6, folder)).slice(0, 1),
    outputs: ['segmentation3D', 'exportedSegmentation3DLAZ'],
  },
  manyFiles: {
    surveys: async (data, folder) => (await withItself(data, sample, 64, folder)).slice(0, 1),
    outputs: ['segmentation3D', 'exportedSegmentation3DLAS', 'exportedSegmentation3DLAZ'],
  },
  csite3Moved: {
    surveys: async (data, folder) => (await withItself(data, csite3, 1, folder)).slice(0, 1),
    outputs: ['segmentation3D', 'exportedSegmentation3DLAS'],
    options: { exportSrs: 'EPSG:25833' },
  },
  csite3LazToLas: {
    surveys: async (data, folder) => (await withItself(data, csite3, 4, folder)).slice(0, 1),
    outputs: ['segmentation3D', 'exportedSegmentation3DLAS'],
  },
  csite3Laz: {
    surveys: async (data, folder) => (await withItself(data, csite3, 4, folder)).slice(0, 1),
    outputs: ['segmentedPointCloud'],
  },
  ahnLaz: {
    surveys: async (data, folder) => (await withItself(data, ahn, 16, folder)).slice(0, 1),
    outputs: ['segmentedPointCloud'],
  },
}

/** Few buildings and steep ground, dense and sparse; a town. */
export const segmentationScenes: Record<string, CalibrationScene> = {
  csite3: { surveys: async (data, folder) => (await withItself(data, csite3, 12, folder)).slice(0, 1) },
  csite3Sparse: { surveys: (data, folder) => sparse(data, csite3, 48, folder) },
  ahn: { surveys: async (data, folder) => (await withItself(data, ahn, 48, folder)).slice(0, 1) },
}

export const calibrationScenes: Record<string, CalibrationScene> = {
  csite3: { surveys: (data, folder) => halves(data, csite3, 6, folder) },
  ahn: { surveys: (data, folder) => halves(data, ahn, 40, folder) },
  // Points that are in both surveys are no rule.
  csite3Laz: { only: ofLaz, surveys: (data, folder) => withItself(data, csite3, 2, folder) },
  ahnLaz: { only: ofLaz, surveys: (data, folder) => withItself(data, ahn, 16, folder) },
  // The only one with changes: made up, its points in an order of chance.
  example: {
    only: ['group', 'seen', 'describe', 'locations'],
    surveys: async (_data, folder) => {
      const { epochs } = await makeExampleScene(join(folder, 'example'))
      const surveys = epochs.map(({ path }) => [path])
      return shiftedCopies(surveys, 4, join(folder, 'examples'))
    },
  },
}

/** Two disjoint random halves of a scan as LAS; a fixed seed decides. */
async function halves(data: string, name: string, copies: number, folder: string): Promise<string[]> {
  const chance = await chances(data, name)
  const surveys: string[][] = []
  for (const first of [true, false]) {
    const path = join(folder, `half-${copies}-${surveys.length + 1}.las`)
    await chance.write(path, (eighth) => eighth < 4 === first)
    surveys.push([path])
  }
  return shiftedCopies(surveys, copies, join(folder, `halves-${copies}`))
}

/** An eighth of the points. */
async function sparse(data: string, name: string, copies: number, folder: string): Promise<string[]> {
  const path = join(folder, 'sparse.las')
  await (await chances(data, name)).write(path, (eighth) => eighth === 0)
  return shiftedCopies([[path]], copies, join(folder, 'sparse'))
}

/** Points of a scan by which eighth of them chance puts them into. */
async function chances(data: string, name: string) {
  const source = await openFile(join(data, 'pointcloud', name))
  const points = await readXyz(source, await readLasHeader(source))
  await source.close()
  let state = 1
  const eighths = Uint8Array.from(points.x, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 29
  })
  return {
    write: async (path: string, isWanted: (eighth: number) => boolean) => {
      const [x, y, z] = [points.x, points.y, points.z].map((values) =>
        Float64Array.from(values).filter((_, i) => isWanted(eighths[i]!)),
      ) as [Float64Array, Float64Array, Float64Array]
      await writeLasPoints(path, { x, y, z })
    },
  }
}

async function withItself(data: string, name: string, copies: number, folder: string): Promise<string[]> {
  const path = join(data, 'pointcloud', name)
  return shiftedCopies([[path], [path]], copies, join(folder, `itself-${copies}`))
}
