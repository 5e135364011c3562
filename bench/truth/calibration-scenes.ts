// Surveys that costs are taken from: real scans, none of which is judged on, in the order in which they were flown. Points in
// an order of chance, as made-up scenes have them, cost up to three times as much in kernels that look at neighbours.
import { join } from 'node:path'
import type { PointArrays } from '@alidade/analysis'
import { writeLasPoints } from '@alidade/formats'
import { makeExampleScene } from '@alidade/jobs'
import { makeScene } from '../quality/make-scene.ts'
import { pickPoints, readSurvey, splitPoints } from '../quality/survey-points.ts'
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

const ofChanges = [
  'seen',
  'regroup',
  'outline',
  'outlineCells',
  'volumes',
  'describe',
  'describeCells',
  'locations',
]

export const calibrationScenes: Record<string, CalibrationScene> = {
  csite3: { surveys: (data, folder) => halves(data, csite3, 6, folder) },
  ahn: { surveys: (data, folder) => halves(data, ahn, 40, folder) },
  // Points that are in both surveys are no rule.
  csite3Laz: { only: ofLaz, surveys: (data, folder) => withItself(data, csite3, 2, folder) },
  ahnLaz: { only: ofLaz, surveys: (data, folder) => withItself(data, ahn, 16, folder) },
  // One survey reaches beyond the other by a fifth of it.
  csite3Beyond: {
    only: ['distances', 'far'],
    surveys: async (data, folder) => {
      const [a, b] = splitPoints(await scanOf(data, csite3), 1)
      const east = Float64Array.from(b.x).sort()[Math.floor(0.8 * b.x.length)]!
      return copied([a, pickPoints(b, (i) => b.x[i]! < east)], 4, folder)
    },
  },
  // All that stands on level ground has changed: the later survey is mirrored.
  ahnMirrored: {
    only: ofChanges,
    surveys: async (data, folder) => {
      const [a, b] = splitPoints(await scanOf(data, ahn), 1)
      const bounds = b.x.reduce(([low, high], x) => [Math.min(low, x), Math.max(high, x)] as const, [
        Infinity,
        -Infinity,
      ] as readonly [number, number])
      return copied([a, { ...b, x: b.x.map((x) => bounds[0] + bounds[1] - x) }], 40, folder)
    },
  },
  // With made changes: few, large and in a real place; and a place that is made up as a whole, its points in an order of chance.
  csite3Changed: {
    only: ofChanges,
    surveys: async (data, folder) => copied(makeScene(await scanOf(data, csite3), 1).surveys, 6, folder),
  },
  example: {
    only: ofChanges,
    surveys: async (_data, folder) => {
      const { epochs } = await makeExampleScene(join(folder, 'example'))
      const surveys = epochs.map(({ path }) => [path])
      return shiftedCopies(surveys, 4, join(folder, 'examples'))
    },
  },
}

async function scanOf(data: string, name: string): Promise<PointArrays> {
  return (await readSurvey(join(data, 'pointcloud', name))).points
}

/** Two disjoint random halves of a scan as LAS; a fixed seed decides. */
async function halves(data: string, name: string, copies: number, folder: string): Promise<string[]> {
  return copied(splitPoints(await scanOf(data, name), 1), copies, folder)
}

/** Both surveys as LAS, side by side. */
async function copied(
  surveys: readonly [PointArrays, PointArrays],
  copies: number,
  folder: string,
): Promise<string[]> {
  const files: string[][] = []
  for (const [epoch, { x, y, z }] of surveys.entries()) {
    const path = join(folder, `once-${epoch + 1}.las`)
    await writeLasPoints(path, { x, y, z })
    files.push([path])
  }
  return shiftedCopies(files, copies, join(folder, `times-${copies}`))
}

/** An eighth of the points, by chance. */
async function sparse(data: string, name: string, copies: number, folder: string): Promise<string[]> {
  const path = join(folder, 'sparse.las')
  const [{ x, y, z }] = splitPoints(await scanOf(data, name), 1, 1 / 8)
  await writeLasPoints(path, { x, y, z })
  return shiftedCopies([[path]], copies, join(folder, 'sparse'))
}

async function withItself(data: string, name: string, copies: number, folder: string): Promise<string[]> {
  const path = join(data, 'pointcloud', name)
  return shiftedCopies([[path], [path]], copies, join(folder, `itself-${copies}`))
}
