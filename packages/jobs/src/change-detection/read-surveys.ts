// The points of both surveys, in memory.
import { type LasHeader, readXyz } from '@alidade/formats'
import type { JobContext, Progress } from '../job-type.ts'
import type { Cloud } from '../point-clouds/cloud.ts'
import { asJobError } from '../point-clouds/format-faults.ts'
import { hasColours, inSixteenBits, type SurveyPoints } from './colours.ts'
import { readPart } from './step-costs.ts'

/**
 * Coordinates of every cloud in file order, in memory that worker threads share: 24 bytes a point, and 6 with colours, which
 * are all of 16 bits.
 */
export async function readSurveys(
  clouds: Cloud[],
  {
    progress,
    signal,
    threads,
    rgb,
    kept,
  }: { progress: Progress; rgb: boolean } & Pick<JobContext, 'signal' | 'threads' | 'kept'>,
): Promise<SurveyPoints[]> {
  const read: SurveyPoints[] = []
  let fileNumber = 0
  for (const cloud of clouds) {
    const parts: SurveyPoints[] = []
    for (const [i, { name, source }] of cloud.files.entries()) {
      const total = cloud.headers[i]!.pointCount
      const counted = { part: readPart(++fileNumber), total, unit: 'points' }
      const reading = progress.begin('Read_Clouds', counted)
      const onRead = (points: number) => reading.advance(points)
      const part = await readOrTake(counted.part, cloud.headers[i]!, {
        // Colours are decoded anew.
        kept: rgb ? undefined : kept,
        onRead,
        read: () =>
          readXyz(source, cloud.headers[i]!, { signal, threads, onRead, rgb }).catch((error: unknown) => {
            throw asJobError(error, cloud.input, name)
          }),
      })
      parts.push(part)
    }
    read.push(inSixteenBits(parts.length === 1 ? parts[0]! : joined(parts, cloud.pointCount)))
  }
  return read
}

/** Only what is compressed is worth keeping: other points are read again as fast as what was kept. */
async function readOrTake(
  name: string,
  { compressed, pointCount }: LasHeader,
  {
    kept,
    read,
    onRead,
  }: Pick<JobContext, 'kept'> & { read(): Promise<SurveyPoints>; onRead(points: number): void },
): Promise<SurveyPoints> {
  if (kept === undefined || !compressed) return read()
  const keptName = name.replace(' ', '-')
  const columns = emptyColumns(pointCount)
  if (await kept.take(keptName, [columns.x, columns.y, columns.z])) {
    onRead(pointCount)
    return columns
  }
  const points = await read()
  await kept.keep(keptName, [points.x, points.y, points.z])
  return points
}

function emptyColumns(pointCount: number): SurveyPoints {
  const column = () => new Float64Array(new SharedArrayBuffer(8 * pointCount))
  return { x: column(), y: column(), z: column() }
}

function joined(parts: SurveyPoints[], pointCount: number): SurveyPoints {
  const whole = emptyColumns(pointCount)
  for (const axis of ['x', 'y', 'z'] as const) {
    let at = 0
    for (const part of parts) {
      whole[axis].set(part[axis], at)
      at += part[axis].length
    }
  }
  if (!parts.every(hasColours)) return whole
  const rgb = new Uint16Array(3 * pointCount)
  let at = 0
  for (const part of parts) {
    rgb.set(part.rgb, at)
    at += part.rgb.length
  }
  return { ...whole, rgb }
}
