// How a large extraction of ground is divided. One attempt reads all points and finds the surface of the ground; a tile is a
// stretch of the points of one file, which is classified and written by itself; merging joins what the tiles have written.
// The results are those of an undivided run, byte for byte.
import { chunkPointsOf, joinLasFiles, type LasHeader } from '@alidade/formats'
import { JobError } from '../job-error.ts'
import type {
  Division,
  InputFile,
  JobContext,
  MergeContext,
  PlannedPart,
  PlannedRun,
  Tile,
  TileContext,
  WorkFolder,
} from '../job-type.ts'
import { openInputFile } from '../open-input-file.ts'
import { bringWaveforms } from '../point-clouds/bring-waveforms.ts'
import { type Cloud, closeClouds, openCloud } from '../point-clouds/cloud.ts'
import { asJobError } from '../point-clouds/format-faults.ts'
import { headersOf, lazBytes, pointsOfHeaders } from '../point-clouds/reading-work.ts'
import { classifiedBatches } from './classified-batches.ts'
import { clipFile } from './clip-region.ts'
import { cloudInput } from './inspect.ts'
import { measuredCosts } from './measured-costs.ts'
import { type SegmentedFile, segmentedFiles } from './segmented-files.ts'
import { planGroundOfTiles, type Step } from './step-costs.ts'
import { SurfaceFile, writeSurface } from './surface-file.ts'
import { withGround } from './with-ground.ts'
import { writeFiles } from './write-clouds.ts'
import { writeSceneIfAsked } from './write-scene.ts'

export const groundDivision: Division<Step> = {
  isLarge,
  planDivide,
  divide,
  planTile,
  runTile,
  planMerge,
  merge,
}

/** Tiles have about so many points, where jobs of four times as many are divided. */
const mostTilePoints = 5_000_000
const tilesOfSmallest = 4
const surfaceName = 'surface'
/** Of a runner that decodes, classifies and writes, the surface aside. */
const tileMegabytes = 400
/** To copy what was written, for each point and file. */
const joinSeconds = 2e-8

/** What a tile has to know. */
interface Stretch {
  /** Place of the file among those of the input, and among those of its name. */
  file: number
  sameName: number
  from: number
  to: number
  secondsEach: number
  /** Internal names of the outputs with the segmented cloud. */
  outputs: string[]
}

/** Regions, other systems and PLY are for clouds that people look at: runs with them stay in one. */
async function isLarge({ inputs, outputs, options = {} }: PlannedRun, fromPoints: number): Promise<boolean> {
  if (clipFile(inputs) !== undefined || outputs.includes('exportedSegmentation3DPLY')) return false
  if (String(options.exportSrs ?? '').trim() !== '') return false
  const headers = await headersOf(inputs.pointClouds ?? [])
  return pointsOfHeaders(headers) > fromPoints
}

async function planDivide(run: PlannedRun, fromPoints: number) {
  const headers = await headersOf(run.inputs.pointClouds ?? [])
  const written = segmentedFiles(
    headers.map((header) => ({ name: '', header })),
    { outputs: run.outputs, isReprojected: false },
  )
  const files = headers.map((header, i) => ({
    points: header?.pointCount ?? 0,
    tiles: header === undefined ? 0 : stretchesOf(header, fromPoints).length,
    secondsEach:
      header === undefined
        ? 0
        : pointSeconds(header, written[i]!, {
            sizeBytes: run.inputs.pointClouds![i]!.source.sizeBytes,
            threads: run.threads,
          }),
  }))
  const merging = await planMerge(run)
  return {
    parts: await planGroundOfTiles(run),
    tiles: sum(files.map(({ tiles }) => tiles)),
    laterSeconds:
      sum(files.map(({ points, secondsEach }) => points * secondsEach)) +
      sum(merging.map(({ total, secondsEach }) => total * secondsEach)),
  }
}

/** Ends are where one writer would begin a chunk: compressed parts can then be joined as they are. */
function stretchesOf({ pointCount, pointRecordLength }: LasHeader, fromPoints: number) {
  const step = chunkPointsOf(pointRecordLength)
  const most = Math.min(mostTilePoints, fromPoints / tilesOfSmallest)
  const tilePoints = step * Math.max(1, Math.floor(most / step))
  return Array.from({ length: Math.max(1, Math.ceil(pointCount / tilePoints)) }, (_, i) => ({
    from: i * tilePoints,
    to: Math.min(pointCount, (i + 1) * tilePoints),
  }))
}

/** Of a tile: its points are read once more, classified and written. */
function pointSeconds(
  header: LasHeader,
  written: readonly SegmentedFile[],
  { sizeBytes, threads }: { sizeBytes: number; threads: number },
): number {
  const { readLas, readLaz, readLazBytes, classify, writeLas, writeLaz, writeLazBytes } = measuredCosts
  const bytes = lazBytes(header, sizeBytes)
  const reading = header.compressed ? (readLaz + readLazBytes * bytes) / threads : readLas
  const writing = written.map(({ format }) =>
    format === 'laz' ? (writeLaz + writeLazBytes * bytes) / threads : writeLas,
  )
  return reading + classify + sum(writing)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

async function divide(context: JobContext<Step>, shared: WorkFolder, fromPoints: number) {
  const { outputs, threads } = context
  return withGround(
    context,
    async ({ cloud, surface }) => {
      await writeSurface(shared.path(surfaceName), surface, context.progress)
      const names = Object.keys(outputs)
      const filesOf = partFiles(cloud, names)
      const surfaceMegabytes = (4 * 2 * surface.height.length) / 1e6
      const tiles = cloud.headers.flatMap((header, file) => {
        const { name, source } = cloud.files[file]!
        const { sizeBytes } = source
        const secondsEach = pointSeconds(header, filesOf[file]!, { sizeBytes, threads })
        const sameName = cloud.files.slice(0, file).filter((other) => other.name === name).length
        return stretchesOf(header, fromPoints).map(({ from, to }) => {
          const stretch: Stretch = { file, sameName, from, to, secondsEach, outputs: names }
          return {
            name: `${name}, points ${from + 1} to ${to}`,
            files: [surfaceName],
            inputs: { pointClouds: [name] },
            seconds: (to - from) * secondsEach,
            memoryMegabytes: Math.ceil(tileMegabytes + surfaceMegabytes),
            facts: { ...stretch },
          }
        })
      })
      return { tiles, mergeSeconds: joinSeconds * pointsToJoin(cloud, filesOf) }
    },
    { stay: false, farPoints: 'apart' },
  )
}

/** The files that are written of each file of the cloud, as they are called within a tile. */
function partFiles({ files, headers }: Cloud, outputs: readonly string[]): SegmentedFile[][] {
  return segmentedFiles(
    files.map(({ name }, i) => ({ name, header: headers[i] })),
    { outputs, isReprojected: false },
  )
}

function partName({ output, format }: SegmentedFile): string {
  return `${output}.${format}`
}

/** Each point in every file that it is written to. */
function pointsToJoin({ headers }: Pick<Cloud, 'headers'>, filesOf: readonly SegmentedFile[][]): number {
  return sum(headers.map(({ pointCount }, file) => pointCount * filesOf[file]!.length))
}

function stretchOf({ facts }: Tile): Stretch {
  return facts as unknown as Stretch
}

function planTile(tile: Tile): PlannedPart<Step>[] {
  const { from, to, secondsEach } = stretchOf(tile)
  return [{ step: 'Write_Results', part: 'points', total: to - from, secondsEach }]
}

async function runTile({ tile, inputs, files, results, progress, signal, threads }: TileContext<Step>) {
  const { sameName, from, to, outputs } = stretchOf(tile)
  const named = inputs.pointClouds?.filter(({ name }) => tile.inputs.pointClouds?.includes(name)) ?? []
  const ground = await SurfaceFile.open(files[surfaceName]!)
  let cloud: Cloud | undefined
  try {
    cloud = await openCloud(cloudInput, named.slice(sameName, sameName + 1), signal)
    const [header, opened] = [cloud.headers[0]!, cloud.files[0]!]
    if (header.pointCount < to) throw new JobError('InputData_Changed', [opened.name, cloudInput])
    const writing = progress.begin('Write_Results', { part: 'points', total: to - from, unit: 'points' })
    const targets = partFiles(cloud, outputs)[0]!.map((file) => ({
      file,
      path: results.path(partName(file)),
    }))
    const batches = classifiedBatches(opened.source, header, {
      ...{ kept: undefined, surface: ground.surface, region: undefined, signal, threads },
      reach: (y, count) => ground.reach(y, count, signal),
      range: [from, to],
    })
    await writeFiles(targets, batches, {
      ...{ cloud, file: 0, exportCrs: undefined, signal, threads },
      onRead: (points) => writing.advance(points),
    }).catch((error: unknown) => {
      throw asJobError(error, cloudInput, opened.name)
    })
  } finally {
    await ground.close()
    if (cloud !== undefined) await closeClouds([cloud])
  }
}

async function planMerge({ inputs, outputs }: PlannedRun): Promise<PlannedPart<Step>[]> {
  const files = inputs.pointClouds ?? []
  const headers = await headersOf(files)
  const points = pointsOfHeaders(headers)
  const written = segmentedFiles(
    files.map(({ name }, i) => ({ name, header: headers[i] })),
    { outputs, isReprojected: false },
  ).flat().length
  const total = points * Math.max(1, written / Math.max(1, files.length))
  return [
    { step: 'Write_Results', part: 'join', total, secondsEach: joinSeconds },
    {
      step: 'Write_Results',
      part: 'scene',
      total: outputs.includes('segmentation3D') ? 1 : 0,
      secondsEach: measuredCosts.scene,
    },
  ]
}

async function merge(context: MergeContext<Step>): Promise<void> {
  const { inputs, outputs, tiles, progress, signal, warn } = context
  const cloud = await openCloud(cloudInput, inputs.pointClouds ?? [], signal)
  try {
    const names = Object.keys(outputs)
    const called = segmentedFiles(
      cloud.files.map(({ name }, i) => ({ name, header: cloud.headers[i] })),
      { outputs: names, isReprojected: false, outputName: (output) => outputs[output]!.name },
    )
    const total = pointsToJoin(cloud, called)
    const joining = progress.begin('Write_Results', { part: 'join', total, unit: 'points' })
    for (const file of cloud.files.keys()) {
      const stretches = tiles
        .filter(({ tile }) => stretchOf(tile).file === file)
        .sort((one, other) => stretchOf(one.tile).from - stretchOf(other.tile).from)
      for (const segmented of called[file]!) {
        const parts = stretches.map(({ results }) => results[partName(segmented)]!)
        await join(outputs[segmented.output]!.path(segmented.name), parts, signal, (points) =>
          joining.advance(points),
        )
      }
      const paths = called[file]!.map(({ output, name }) => outputs[output]!.path(name))
      await bringWaveforms(cloud, file, paths, { signal, warn })
    }
    await writeSceneIfAsked(cloud, context)
  } finally {
    await closeClouds([cloud])
  }
}

async function join(
  path: string,
  parts: readonly InputFile[],
  signal: AbortSignal,
  onJoined: (points: number) => void,
): Promise<void> {
  const opened = await Promise.all(parts.map(openInputFile))
  try {
    const sources = opened.map(({ source }) => source)
    await joinLasFiles(path, sources, { signal, onJoined })
  } finally {
    await Promise.all(opened.map(({ source }) => source.close()))
  }
}
