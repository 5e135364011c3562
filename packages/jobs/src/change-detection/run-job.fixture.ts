// Runs the job as a runner would, in this process and a temporary folder, and keeps what it says.
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { JobMessage } from '@alidade/contract'
import { openFile, parseContextScene, readLasHeader, readPointBatches, readXyz } from '@alidade/formats'
import { onTestFinished } from 'vitest'
import type { InputFile, InspectedFile, JobContext, StepReport } from '../job-type.ts'
import { changeDetection } from './change-detection.ts'

export interface JobRun {
  folder: string
  warnings: JobMessage[]
  /** The last report of every part, in order. */
  steps: StepReport[]
  path(output: string, fileName: string): string
  /** Every file that was written, by `output/name`. */
  files(): Promise<Map<string, Buffer>>
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
  { outputs = allOutputs, options = {}, extent, threads = 1, signal, kept, onReport }: RunJobOptions = {},
): Promise<JobRun> {
  const folder = await temporaryFolder()
  for (const name of outputs) await mkdir(join(folder, name))
  const warnings: JobMessage[] = []
  const steps: StepReport[] = []
  await changeDetection.run({
    inputs: {
      modelA: await inputFiles(a),
      modelB: await inputFiles(b),
      ...(extent !== undefined && { extent: await inputFiles(extent) }),
    },
    options,
    outputs: Object.fromEntries(
      outputs.map((name) => [name, { path: (fileName: string) => join(folder, name, fileName) }]),
    ),
    progress: {
      begin: (step, { part, total, unit }) => {
        const report = { step, part, done: 0, total, unit }
        steps.push(report)
        onReport?.({ ...report })
        return {
          advance: (count) => {
            report.done += count
            onReport?.({ ...report })
          },
        }
      },
    },
    signal: signal ?? new AbortController().signal,
    scratch: folder,
    threads,
    kept,
    warn: (warning) => warnings.push(warning),
  })
  const read = (output: string, name: string) => readFile(join(folder, output, name))
  return {
    folder,
    warnings,
    steps,
    path: (output, fileName) => join(folder, output, fileName),
    files: async () => {
      const files = new Map<string, Buffer>()
      for (const output of outputs) {
        for (const name of (await readdir(join(folder, output))).sort())
          files.set(`${output}/${name}`, await read(output, name))
      }
      return files
    },
    features: async () => {
      const bytes = await read('exportedLocations3DGeoJSON', 'exportedLocations3DGeoJSON.geojson')
      return JSON.parse(bytes.toString()).features
    },
    scene: async () => parseContextScene(await read('objects3D', 'ContextScene.json')),
  }
}

/** Removed when the test, or the file's last hook, is over. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'alidade-jobs-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export async function inputFiles(files: string | (string | InputFile)[]): Promise<InputFile[]> {
  const list = typeof files === 'string' ? [files] : files
  return Promise.all(
    list.map(async (file) =>
      typeof file === 'string'
        ? { name: basename(file), segments: [{ path: file, sizeBytes: (await stat(file)).size }] }
        : file,
    ),
  )
}

/** Opened until the test is over, for `inspect`. */
export async function inspectedFiles(...paths: string[]): Promise<InspectedFile[]> {
  return Promise.all(
    paths.map(async (path) => {
      const source = await openFile(path)
      onTestFinished(() => source.close())
      return { name: basename(path), source }
    }),
  )
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
