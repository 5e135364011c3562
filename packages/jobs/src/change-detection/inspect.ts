// What the headers of both surveys tell before anything is computed.
import { type JobMessage, jobErrorMessage, jobWarningMessage } from '@alidade/contract/jobs'
import { type Crs, heightWarning } from '@alidade/formats'
import { JobError } from '../job-error.ts'
import type { InspectedFile, Inspection, JobContext } from '../job-type.ts'
import { waveformBytes } from '../point-clouds/bring-waveforms.ts'
import { isForeseen } from '../point-clouds/any-header.ts'
import { convertedBytes } from '../point-clouds/converting-work.ts'
import { type CloudDescription, describeCloud, middleOf } from '../point-clouds/describe-cloud.ts'
import { ignoredExportSrs, inspectExportSrs } from '../point-clouds/export-srs.ts'
import { meets, readExtent } from '../point-clouds/extent.ts'
import { sameCrs } from '../point-clouds/same-crs.ts'
import { mayHaveColours } from './colours.ts'
import { filesOf, inputOf, shownInputOf } from './epoch-inputs.ts'
import { memoryInTiles, memoryMegabytes } from './memory-megabytes.ts'
import { resultBytes, segmentedBytes, tileFileBytes } from './result-bytes.ts'
import { shownName } from './shown-name.ts'
import { isRunInTiles } from './tiles/in-tiles-from.ts'
import { areColoursAsked } from './thresholds.ts'

/**
 * Surveys further apart than this share of the smaller one's diagonal are not of one place. Neighbouring tiles, and
 * a header whose bounds are a little off, are let through: what is seen in one survey only is never called a change.
 */
const largestGap = 0.05

interface Survey extends CloudDescription {
  mayHaveColours: boolean
  segmentedBytes: number
}

export async function inspectClouds(
  inputs: Record<string, InspectedFile[]>,
  outputs: string[],
  signal: AbortSignal,
  options: JobContext['options'] = {},
): Promise<Inspection> {
  const result: Inspection = { faults: [], warnings: [], resultBytes: 0, memoryMegabytes: 0 }
  const surveys: Survey[] = []
  for (const epoch of ['A', 'B'] as const) {
    try {
      surveys.push(await survey(shownInputOf(epoch, inputs), filesOf(epoch, inputs), signal))
    } catch (error) {
      if (!(error instanceof JobError)) throw error
      result.faults.push({ input: inputOf(epoch, inputs), error: error.jobMessage })
    }
  }
  const [a, b] = surveys
  if (a === undefined || b === undefined || result.faults.length > 0) return result

  const withColours = areColoursAsked(options)
  const points = a.pointCount + b.pointCount
  const inTiles = isRunInTiles(points)
  result.resultBytes =
    resultBytes(outputs, surveys) +
    convertedBytes(surveys.flatMap(({ headers }) => headers)) +
    (inTiles ? points * tileFileBytes : 0)
  result.memoryMegabytes = inTiles ? memoryInTiles(points, withColours) : memoryMegabytes(points, withColours)
  const crs = a.crs ?? b.crs
  if (a.crs !== undefined && b.crs !== undefined && !sameCrs(a.crs, b.crs, ...middleOf(a))) {
    result.faults.push({
      input: inputOf('B', inputs),
      error: jobErrorMessage('Crs_Differs', a.crs.name, b.crs.name),
    })
  }
  for (const { input, crs, doubts } of surveys) {
    if (crs === undefined) result.warnings.push(jobWarningMessage('Crs_Missing', input))
    result.warnings.push(...doubts)
  }
  for (const { input, mayHaveColours } of surveys) {
    if (withColours && !mayHaveColours) result.warnings.push(jobWarningMessage('Colour_Missing', input))
  }
  if (options.resolution !== undefined && !mayHaveSurfaces(inputs, surveys))
    result.warnings.push(jobWarningMessage('Option_Ignored', 'resolution'))
  result.warnings.push(...ignoredExportSrs(options.exportSrs, outputs))
  const geoJsons = outputs.filter((name) => name.endsWith('GeoJSON'))
  if (crs?.proj4 === undefined) {
    const what = crs === undefined ? 'the input' : `the system '${crs.name}'`
    for (const output of geoJsons)
      result.faults.push({ output, error: jobErrorMessage('Crs_Missing', output, what) })
  } else if (crs.warning !== undefined && geoJsons.length > 0) {
    result.warnings.push(jobWarningMessage('Crs_Approximate', a.input, crs.warning))
  }
  const heights = crs?.proj4 === undefined ? undefined : heightWarning(crs)
  if (heights !== undefined && geoJsons.length > 0)
    result.warnings.push(jobWarningMessage('Heights_Unchanged', shownName('modelA'), heights))
  if (outputs.some((name) => name.endsWith('SHP'))) {
    const { fault, warnings } = inspectExportSrs(options.exportSrs, crs, middleOf(a), {
      input: a.input,
      output: 'exportedLocations3DSHP',
    })
    if (fault !== undefined) result.faults.push({ option: 'exportSrs', error: fault })
    // The GeoJSON may have said the same.
    const known = new Set(result.warnings.map(({ message }) => message))
    result.warnings.push(...warnings.filter(({ message }) => !known.has(message)))
  }
  const [extent] = inputs.extent ?? []
  if (extent !== undefined) {
    const problem = await extentProblem(extent, crs, surveys)
    if (problem !== undefined) result.faults.push({ input: 'extent', error: problem })
  }
  const apart = distanceApart(a, b)
  if (apart > largestGap * Math.min(planDiagonal(a), planDiagonal(b))) {
    const unit = crs?.linearUnit.name ?? 'units'
    const error = jobErrorMessage('InputData_NoOverlap', `${apart.toPrecision(3)} ${unit}`)
    result.faults.push({ input: inputOf('B', inputs), error })
  }
  return result
}

/** Once a file is brought into LAS nothing tells any more whether it was a surface. */
function mayHaveSurfaces(inputs: Record<string, InspectedFile[]>, surveys: readonly Survey[]): boolean {
  const isSurface = surveys.some(({ headers }) =>
    headers.some((header) => isForeseen(header) && header.foreseen.isSurface),
  )
  return isSurface || [...filesOf('A', inputs), ...filesOf('B', inputs)].some(({ isLas }) => isLas === true)
}

async function extentProblem(
  file: InspectedFile,
  crs: Crs | undefined,
  surveys: Survey[],
): Promise<JobMessage | undefined> {
  try {
    const region = await readExtent(shownName('extent'), file, crs)
    if (surveys.every(({ bounds }) => bounds === undefined || meets(region, bounds))) return undefined
    const problem = `the region in ${file.name} lies beside the surveys.`
    return jobErrorMessage('InputData_Invalid', shownName('extent'), problem)
  } catch (error) {
    if (error instanceof JobError) return error.jobMessage
    throw error
  }
}

async function survey(input: string, files: InspectedFile[], signal: AbortSignal): Promise<Survey> {
  const cloud = await describeCloud(input, files, signal)
  return {
    ...cloud,
    mayHaveColours: mayHaveColours(cloud.headers),
    segmentedBytes: cloud.headers.reduce(
      (sum, header, i) => sum + segmentedBytes(header) + waveformBytes(files[i]!, header),
      0,
    ),
  }
}

/** Length of a survey's bounding box in plan. */
function planDiagonal({ bounds }: Survey): number {
  return bounds === undefined
    ? 0
    : Math.hypot(bounds.max[0]! - bounds.min[0]!, bounds.max[1]! - bounds.min[1]!)
}

/** Gap between the bounding boxes in plan; 0 when they touch. */
function distanceApart(a: Survey, b: Survey): number {
  if (a.bounds === undefined || b.bounds === undefined) return 0
  const gap = (axis: 0 | 1) =>
    Math.max(0, b.bounds!.min[axis]! - a.bounds!.max[axis]!, a.bounds!.min[axis]! - b.bounds!.max[axis]!)
  return Math.hypot(gap(0), gap(1))
}
