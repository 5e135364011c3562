// The segmented cloud in every output that was asked for: each point is read and classified once, and all files that it goes into
// are written side by side.
import type { GroundSurface, PlanRegion } from '@alidade/analysis'
import type { Crs, LasWriter, LasWriterOptions } from '@alidade/formats'
import type { JobContext, OutputFolder, Progress } from '../job-type.ts'
import { bringWaveforms } from '../point-clouds/bring-waveforms.ts'
import { type Cloud, crsOfClouds } from '../point-clouds/cloud.ts'
import { headerWithCrs } from '../point-clouds/crs-of.ts'
import { asJobError } from '../point-clouds/format-faults.ts'
import { type ClassifiedBatch, classifiedBatches } from './classified-batches.ts'
import { type ExportSystem, exportSystem } from './export-system.ts'
import type { KeptRecords } from './kept-records.ts'
import { openCloudWriter } from './open-cloud-writer.ts'
import { filePart } from './read-clouds.ts'
import { type SegmentedFile, segmentedFiles } from './segmented-files.ts'

export interface WriteCloudsOptions
  extends Pick<JobContext, 'signal' | 'threads' | 'warn'>,
    Pick<LasWriterOptions, 'lazThreads'> {
  outputs: Record<string, OutputFolder>
  surface: GroundSurface
  region: PlanRegion | undefined
  records: KeptRecords
  /** That of the exports, where it is another one than that of the cloud. */
  exportCrs: Crs | undefined
  progress: Progress<'Write_Results'>
}

/** How many points each file of the segmented cloud has got. */
export async function writeClouds(cloud: Cloud, options: WriteCloudsOptions): Promise<number[]> {
  const { outputs, surface, region, records, signal, threads, lazThreads, progress } = options
  const inputs = cloud.files.map(({ name }, i) => ({ name, header: cloud.headers[i] }))
  const filesOf = segmentedFiles(inputs, {
    outputs: Object.keys(outputs),
    isReprojected: options.exportCrs !== undefined,
    outputName: (output) => outputs[output]!.name,
  })
  const written: number[] = []
  for (const [i, { name, source }] of cloud.files.entries()) {
    const header = cloud.headers[i]!
    const writing = progress.begin('Write_Results', {
      part: filePart(i),
      total: header.pointCount,
      unit: 'points',
    })
    const kept = records.take(i, header.pointCount)
    const batches = classifiedBatches(source, header, {
      ...{ kept, surface, region, signal, threads, lazThreads },
    })
    const targets = filesOf[i]!.map((file) => ({ file, path: outputs[file.output]!.path(file.name) }))
    const count = await writeFiles(targets, batches, {
      ...options,
      ...{ cloud, file: i },
      onRead: (points) => writing.advance(points),
    }).catch((error: unknown) => {
      throw asJobError(error, cloud.input, name)
    })
    written.push(count)
  }
  return written
}

export interface WriteFilesOptions
  extends Pick<WriteCloudsOptions, 'exportCrs' | 'signal' | 'threads'>,
    Partial<Pick<JobContext, 'warn'>>,
    Pick<LasWriterOptions, 'extraBytes' | 'lazThreads'> {
  cloud: Cloud
  /** Place of the file of the cloud that the points are of. */
  file: number
  /** How many more points have been read for what is written. */
  onRead: (points: number) => void
}

/**
 * All batches into each of the targets, waveforms beside them; how many points these have got. Without `warn` it is a part of a
 * cloud that is written, and waveforms are brought to the whole of it.
 */
export async function writeFiles(
  files: readonly { file: SegmentedFile; path: string }[],
  batches: AsyncIterable<ClassifiedBatch>,
  options: WriteFilesOptions,
): Promise<number> {
  const targets = new Targets()
  try {
    for (const { file, path } of files) await targets.open(file, path, options)
    let count = 0
    for await (const batch of batches) {
      await targets.append(batch)
      count += batch.count
      options.onRead(batch.read)
    }
    await targets.close()
    const { cloud, file, signal, warn } = options
    const paths = files.map(({ path }) => path)
    if (warn) await bringWaveforms(cloud, file, paths, { signal, warn })
    return count
  } finally {
    await targets.abandon()
  }
}

interface Target {
  writer: LasWriter
  system: ExportSystem | undefined
}

/** The files that one file of the input goes into. */
class Targets {
  readonly #targets: Target[] = []
  #writing: Promise<unknown> = Promise.resolve()

  async open(
    { format, isExport }: SegmentedFile,
    path: string,
    { cloud, file, exportCrs, threads, signal, lazThreads, extraBytes }: WriteFilesOptions,
  ): Promise<void> {
    const header = cloud.headers[file]!
    const system =
      isExport && exportCrs !== undefined ? exportSystem(header, crsOfClouds(cloud)!, exportCrs) : undefined
    const { source, sceneCrs } = cloud.files[file]!
    const like = system?.header ?? headerWithCrs(header, sceneCrs, cloud.input)
    const writer = await openCloudWriter(path, format, {
      ...{ like, source, signal, threads, lazThreads },
      ...(extraBytes && { extraBytes }),
    })
    this.#targets.push({ writer, system })
  }

  /** Returns when the batch before is written: the next one can be worked on meanwhile. */
  async append({ records, count, extra }: ClassifiedBatch): Promise<void> {
    await this.#writing
    if (count === 0) return
    this.#writing = Promise.all(
      this.#targets.map(({ writer, system }) =>
        writer.append(system?.convert(records, count) ?? records, count, extra),
      ),
    )
    // Told when it is awaited.
    this.#writing.catch(() => undefined)
  }

  async close(): Promise<void> {
    await this.#writing
    await Promise.all(this.#targets.map(({ writer }) => writer.close()))
  }

  async abandon(): Promise<void> {
    await this.#writing.catch(() => undefined)
    await Promise.all(this.#targets.map(({ writer }) => writer.abandon()))
  }
}
