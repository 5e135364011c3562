// Brings a point cloud of another format into a LAS 1.4 file, in two passes and constant memory: the first finds the
// extent, the second writes. Surfaces are sampled, for which they are held in memory.
import type { ByteSource } from './byte-source.ts'
import { layOutCloud } from './cloud-layout.ts'
import type { CloudLayout } from './cloud-layout.ts'
import { encodeCloudRecords } from './cloud-records.ts'
import { surveyCloud } from './cloud-survey.ts'
import type { CloudSurvey } from './cloud-survey.ts'
import { FormatError } from './format-error.ts'
import { cloudBatchPoints } from './foreign-cloud.ts'
import type { ForeignCloud, OpenCloudOptions, SampleMesh } from './foreign-cloud.ts'
import type { Vector3 } from './las-coordinates.ts'
import type { LasHeader } from './las-header.ts'
import type { LasVlr } from './las-vlr.ts'
import { createLasWriter } from './las-writer.ts'
import { openPly } from './ply-cloud.ts'
import { openE57 } from './e57-cloud.ts'
import { openGlb } from './glb-cloud.ts'
import { openObj } from './obj-cloud.ts'
import { openText } from './text-cloud.ts'
import { formatOfName } from './point-cloud-formats.ts'
import type { PointCloudFormat } from './point-cloud-formats.ts'

/** The formats that `convertToLas` reads. */
export type ForeignFormat = Exclude<PointCloudFormat['name'], 'las' | 'laz'>

export type ConvertOptions = {
  /** Its end says what the file is; `format` says it without a name. */
  readonly name?: string
  readonly format?: ForeignFormat
  readonly signal?: AbortSignal
  /** Called with bytes worked through, twice the size of the source in all, whatever the format. */
  readonly onRead?: (bytes: number) => void
  /** Told what is not kept, in words for the user. */
  readonly warn?: (message: string) => void
  /**
   * Points of a surface, such as `(positions, triangles) => sampleMesh(positions, triangles, resolution)` of
   * `@alidade/analysis`. Without it the corners of a surface are its points, and `warn` is told.
   */
  readonly sampleMesh?: SampleMesh
}

/**
 * Writes the points of `source` to `path`, in their order: point format 6, with colours 7. RangeError for a name of no
 * known kind; FormatError for bytes that are not what they should be, or hold no point. The reason of `signal` is thrown
 * within a batch's time. When it throws, `path` holds nothing that reads as LAS.
 */
export async function convertToLas(
  source: ByteSource,
  path: string,
  options: ConvertOptions,
): Promise<{ pointCount: number; sizeBytes: number }> {
  const { signal } = options
  signal?.throwIfAborted()
  const work = workOf(2 * source.sizeBytes, options.onRead)
  const open = openers[foreignFormat(options)]
  let opened = 0
  const cloud = await open(source, {
    ...options,
    onShare: (share) => {
      opened = 0.5
      work(share / 2)
    },
  })
  const pass = (1 - opened) / 2
  const survey = await surveyCloud(cloud, signal, (share) => work(opened + share * pass))
  if (survey.pointCount === 0)
    throw new FormatError('NotAPointCloud', 'points', 'expected at least one, got none')
  const layout = layOutCloud(cloud, survey)
  const like = headerFor(cloud, survey, layout)
  const writer = await createLasWriter(path, { like })
  try {
    let records = new Uint8Array(cloudBatchPoints * layout.recordLength)
    for await (const batch of cloud.batches(signal)) {
      const sizeBytes = batch.count * layout.recordLength
      if (records.length < sizeBytes) records = new Uint8Array(sizeBytes)
      encodeCloudRecords(batch, layout, like, records)
      await writer.append(records, batch.count)
      work(opened + (1 + batch.share) * pass)
    }
    const written = await writer.close()
    work(1)
    return written
  } finally {
    await writer.abandon()
  }
}

const openers: Readonly<
  Record<ForeignFormat, (source: ByteSource, options: OpenCloudOptions) => Promise<ForeignCloud>>
> = { ply: openPly, obj: openObj, xyz: openText, e57: openE57, glb: openGlb }

function foreignFormat({ format, name = '' }: ConvertOptions): ForeignFormat {
  if (format !== undefined) return format
  const found = formatOfName(name)?.name
  if (found === undefined || found === 'las' || found === 'laz') {
    throw new RangeError(`expected the name of a file that can be brought into LAS, got '${name}'`)
  }
  return found
}

/** A function of the share that is done, which tells `onRead` what was added since it was called last. */
function workOf(totalBytes: number, onRead: ((bytes: number) => void) | undefined): (share: number) => void {
  let told = 0
  return (share) => {
    const bytes = Math.floor(totalBytes * Math.min(1, share)) - told
    if (bytes <= 0) return
    told += bytes
    onRead?.(bytes)
  }
}

function headerFor(cloud: ForeignCloud, survey: CloudSurvey, layout: CloudLayout): LasHeader {
  const { min, max } = survey
  const { scale, offset } = stepsFor(min, max)
  const vlrs: LasVlr[] = []
  const add = (userId: string, recordId: number, description: string, data: Uint8Array) =>
    vlrs.push({ userId, recordId, description, extended: false, dataOffset: 0, sizeBytes: data.length, data })
  if (cloud.wkt) add('LASF_Projection', 2112, 'OGC WKT', new Uint8Array(Buffer.from(`${cloud.wkt}\0`)))
  if (layout.extraBytes.length > 0) add('LASF_Spec', 4, 'Extra bytes', layout.extraBytes)
  return {
    versionMinor: 4,
    pointFormat: layout.pointFormat,
    pointRecordLength: layout.recordLength,
    pointCount: survey.pointCount,
    pointCountByReturn: [],
    scale,
    offset,
    bounds: { min, max },
    headerSizeBytes: 375,
    pointDataOffset: 375,
    compressed: false,
    vlrs,
    extraBytes: [],
    globalEncoding: 0x10 | (cloud.standardGpsTime ? 1 : 0),
    fileSourceId: 0,
    projectId: new Uint8Array(16),
    systemIdentifier: 'OTHER',
    generatingSoftware: 'Alidade',
  }
}

const finestStep = 1e-9
/** An offset is a multiple of this many steps, so that it is a number with few digits. */
const roundSteps = 1e6

/** The finest power of ten with which the longest side fits 32 bits, and the corner of least coordinates, rounded down. */
export function stepsFor(min: Vector3, max: Vector3): { scale: Vector3; offset: Vector3 } {
  const longest = Math.max(...min.map((low, axis) => max[axis]! - low))
  // What doubles of this size cannot tell apart needs no step of its own.
  const size = Math.max(...min.map(Math.abs), ...max.map(Math.abs))
  const least = Math.max(finestStep, size * Number.EPSILON, longest / (2 ** 31 - 2 * roundSteps))
  const digits = Math.ceil(Math.log10(least) - 1e-12)
  // By its text, which is the nearest double to the power of ten.
  const step = Number(`1e${digits}`)
  const start = (low: number) => {
    const multiple = Math.floor(low / (step * roundSteps))
    return Number(`${multiple}e${digits + 6}`)
  }
  return { scale: [step, step, step], offset: [start(min[0]), start(min[1]), start(min[2])] }
}
