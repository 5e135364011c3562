// Runs a change detection as a runner would, and reads its results.
import { openFile, parseContextScene, readLasHeader, readPointBatches, readXyz } from '@alidade/formats'
import type { InputFile, JobContext, JobType, StepReport } from '../job-type.ts'
import { type JobRun as AnyJobRun, runJobType } from '../run-job.fixture.ts'
import { changeDetection } from './change-detection.ts'

export { inputFiles, inspectedFiles, temporaryFolder } from '../run-job.fixture.ts'

export interface JobRun extends AnyJobRun {
  features(): Promise<Feature[]>
  scene(): Promise<ReturnType<typeof parseContextScene>>
}

export interface Feature {
  id: string
  geometry: { type: string; coordinates: [number, number, number] }
  properties: Record<string, number | string>
}

export interface RunJobOptions {
  outputs?: string[]
  options?: Record<string, number | string>
  /** Path of a GeoJSON file. */
  extent?: string
  threads?: number
  signal?: AbortSignal
  kept?: JobContext['kept']
  onReport?: (report: StepReport) => void
}

export const allOutputs = [
  'objects3D',
  'exportedLocations3DGeoJSON',
  'segmentedModel3DA',
  'segmentedModel3DB',
]

/** `a` and `b`: paths of the files of each survey, or the files with what a scene says of them. */
export async function runJob(
  a: string | string[] | InputFile[],
  b: string | string[] | InputFile[],
  { outputs = allOutputs, extent, ...asked }: RunJobOptions = {},
): Promise<JobRun> {
  const inputs = { modelA: a, modelB: b, extent }
  const run = await runJobType(changeDetection as JobType, { inputs, outputs, ...asked })
  return {
    ...run,
    features: async () => {
      const bytes = await run.read('exportedLocations3DGeoJSON', 'exportedLocations3DGeoJSON.geojson')
      return JSON.parse(bytes.toString()).features
    },
    scene: async () => parseContextScene(await run.read('objects3D', 'ContextScene.json')),
  }
}

/** Coordinates of a LAS or LAZ file and, where it has them, the two columns this job adds. */
export async function readCloud(path: string) {
  const source = await openFile(path)
  try {
    const header = await readLasHeader(source)
    const shared = await readXyz(source, header)
    // Plain memory is several times faster to pass over than shared memory.
    const [x, y, z] = [new Float64Array(shared.x), new Float64Array(shared.y), new Float64Array(shared.z)]
    const change = new Uint16Array(header.pointCount)
    const distance = new Float32Array(header.pointCount)
    const records: Buffer[] = []
    const field = (name: string) => header.extraBytes.find((field) => field.name === name)?.offsetBytes
    const [changeAt, distanceAt] = [field('change'), field('distance')]
    for await (const batch of readPointBatches(source, header)) {
      const view = new DataView(batch.records.buffer, batch.records.byteOffset, batch.records.byteLength)
      for (let i = 0; i < batch.count; i++) {
        const at = i * header.pointRecordLength
        if (changeAt !== undefined) change[batch.firstIndex + i] = view.getUint16(at + changeAt, true)
        if (distanceAt !== undefined) distance[batch.firstIndex + i] = view.getFloat32(at + distanceAt, true)
      }
      records.push(Buffer.from(batch.records.subarray(0, batch.count * header.pointRecordLength)))
    }
    return { header, x, y, z, change, distance, records: Buffer.concat(records) }
  } finally {
    await source.close()
  }
}
