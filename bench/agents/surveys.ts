// What the jobs of this bench are: real surveys side by side, uploaded once, and what is asked of them.
import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from '@alidade/client'
import { push } from '@alidade/client/node'
import { alsBasicDetector, groundDetector } from '@alidade/contract'
import { manifest } from '../../packages/jobs/src/detector/detector.fixture.ts'
import {
  heightModel,
  pointManifest,
} from '../../packages/jobs/src/segmentation-3d/onnx/point-model.fixture.ts'
import { pointsOf, shiftedCopies } from '../truth/shifted-copies.ts'
import { stateCrs } from '../truth/stated-crs.ts'
import { writeDetector } from '../truth/write-detector.ts'

type Described = { detector?: string; outputs: readonly string[] }

const vectors = ['objects3D', 'lines3D', 'polygons3D']
/** Names are those of v2, which has the clouds of changes. */
export const jobsOf = {
  changeDetection: {
    outputs: ['objects3D', 'locations3DAsGeoJSON', 'segmentedModel3DA', 'segmentedModel3DB'],
  },
  extractGround: { detector: groundDetector.name, outputs: ['segmentation3D', 'segmentedModel3D'] },
  segmentation3D: { detector: alsBasicDetector.name, outputs: ['segmentedModel3D', ...vectors] },
  model: { outputs: ['segmentation3D', 'segmentedModel3D'] },
} as const satisfies Record<string, Described>
export type JobName = keyof typeof jobsOf

export interface Uploaded {
  points: number
  submit(): Promise<string>
}

/** Uploads copies that together have about so many points. */
export async function uploadSurveys(
  client: Client,
  name: JobName,
  { points, data }: { points: number; data: string },
): Promise<Uploaded> {
  const folder = await mkdtemp(join(tmpdir(), 'alidade-agents-'))
  const iTwinId = randomUUID()
  const upload = async (type: string, path: string) => {
    const { id } = await client.realityData.create({ displayName: type, type, iTwinId })
    await push(() => client.realityData.writeAccess(id), path)
    return id
  }
  try {
    const isChange = name === 'changeDetection'
    const surveys = isChange
      ? [1, 2].map((epoch) => [join(data, `pointcloud/change/site4_epoch${epoch}.las`)])
      : [[join(data, 'pointcloud/perf/autzen-1.02M-ft.laz')]]
    const copies = Math.max(1, Math.round(points / (await pointsOf(surveys.flat()))))
    const folders = await shiftedCopies(surveys, copies, folder)
    // Else feet would pass for metres.
    if (!isChange)
      await stateCrs(await pathsIn(folders[0]!), join(data, 'pointcloud/formats/autzen_trim.laz'))
    const inputs: Record<string, string> = {}
    for (const [i, survey] of folders.entries())
      inputs[isChange ? ['model3DA', 'model3DB'][i]! : 'model3D'] = await upload('LAS', survey)
    const described: Described = jobsOf[name]
    if (name === 'model') {
      const input = { features: ['heightAboveGround'], voxelSizeMetres: 0.5, overlapMetres: 5 }
      const detector = { manifest: { ...manifest, ...pointManifest({ input }) }, model: heightModel() }
      inputs.pointCloudSegmentationDetector = await upload(
        'ContextDetector',
        await writeDetector(detector, folder),
      )
    } else if (described.detector !== undefined) inputs.pointCloudSegmentationDetector = described.detector
    return {
      points: (await Promise.all(folders.map(pointsIn))).reduce((sum, count) => sum + count, 0),
      submit: async () => {
        const job = await client.v2.jobs.create({
          ...{ type: isChange ? 'ChangeDetection' : 'Segmentation3D', name, iTwinId },
          specifications: { inputs, outputs: [...described.outputs] },
        })
        return job.id
      },
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function pointsIn(folder: string): Promise<number> {
  return pointsOf(await pathsIn(folder))
}

async function pathsIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).map((name) => join(folder, name))
}
