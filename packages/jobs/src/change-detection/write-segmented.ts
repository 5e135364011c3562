// segmentedModel3DA/B: a survey in its own order, every record as it was, with two columns added.
import { basename } from 'node:path'
import type { Change, RigidMotion } from '@alidade/analysis'
import { canWriteLaz, createLasWriter, type LasHeader, readPointBatches } from '@alidade/formats'
import type { JobContext, OutputFolder } from '../job-type.ts'
import { bringWaveforms } from '../point-clouds/bring-waveforms.ts'
import type { Cloud } from '../point-clouds/cloud.ts'
import { headerWithCrs } from '../point-clouds/crs-of.ts'
import { asJobError } from '../point-clouds/format-faults.ts'
import { moveRecords } from './move-records.ts'
import type { Epoch } from './segmented-clouds.ts'

export interface SegmentedOptions {
  cloud: Cloud
  /** Of every point of the cloud, in file order. */
  distance: Float32Array
  changes: Change[]
  epoch: Epoch
  /** Of a survey that was registered; its points are written where it brings them. */
  motion?: RigidMotion | undefined
  signal: AbortSignal
  threads: number
  warn: JobContext['warn']
  onWritten: (points: number) => void
}

/** The column is 16 bits wide; changes come largest first, so what is beyond shares the last number. */
export const largestChangeNumber = 0xffff

/**
 * `<output>.las`, or `.laz` for what came as LAZ; for several input files one each, `<output>-<n>-<input file>.las`, n from 1.
 * Their names.
 */
export async function writeSegmented(output: OutputFolder, options: SegmentedOptions): Promise<string[]> {
  const { cloud, distance, changes, epoch, motion, signal, threads, warn, onWritten } = options
  const changeOf = new Uint16Array(cloud.pointCount)
  for (const { id, indicesA, indicesB } of changes) {
    for (const index of epoch === 'A' ? indicesA : indicesB)
      changeOf[index] = Math.min(id, largestChangeNumber)
  }
  let first = 0
  const written: string[] = []
  for (const [i, { name: inputName, source, sceneCrs }] of cloud.files.entries()) {
    const header = cloud.headers[i]!
    const stem = stemOf(inputName)
    const compressed = isWrittenAsLaz(header)
    const end = compressed ? 'laz' : 'las'
    const fileName =
      cloud.files.length === 1 ? `${output.name}.${end}` : `${output.name}-${i + 1}-${stem}.${end}`
    const [changeName, distanceName] = [freeName('change', header), freeName('distance', header)]
    const writer = await createLasWriter(output.path(fileName), {
      like: headerWithCrs(header, sceneCrs, cloud.input),
      ...(compressed && { compressed, threads }),
      source,
      signal,
      extraBytes: [
        { name: changeName, type: 'uint16', description: 'number of the change, 0 none' },
        { name: distanceName, type: 'float32', description: 'to the other survey' },
      ],
      // The same inputs give the same bytes: no clock.
      createdAt: new Date(0),
    })
    try {
      for await (const { records, count, firstIndex } of readPointBatches(source, header, {
        signal,
        threads,
      })) {
        const from = first + firstIndex
        if (motion) moveRecords(records, count, header, motion)
        await writer.append(records, count, {
          [changeName]: changeOf.subarray(from, from + count),
          [distanceName]: distance.subarray(from, from + count),
        })
        onWritten(count)
      }
      await writer.close()
      await bringWaveforms(cloud, i, [output.path(fileName)], { signal, warn })
    } catch (error) {
      throw asJobError(error, cloud.input, inputName)
    } finally {
      await writer.abandon()
    }
    first += header.pointCount
    written.push(fileName)
  }
  return written
}

/** What came as LAZ stays LAZ, waveforms aside. */
export function isWrittenAsLaz({ compressed, pointFormat }: LasHeader): boolean {
  return compressed && canWriteLaz(pointFormat)
}

/** `name`, or `name 2` and so on where the survey has such a column, as a result of this job that is an input has. */
function freeName(name: string, { extraBytes }: LasHeader): string {
  const isTaken = (candidate: string) => extraBytes.some((field) => field.name === candidate)
  let candidate = name
  for (let n = 2; isTaken(candidate); n++) candidate = `${name} ${n}`
  return candidate
}

/** What a result is named after: the name of a file without its folder and end, and without what paths of scenes cannot hold. */
function stemOf(inputName: string): string {
  return basename(inputName)
    .replace(/(\.copc)?\.[a-z0-9]+$/i, '')
    .replaceAll(/[\\:]/g, '-')
}
