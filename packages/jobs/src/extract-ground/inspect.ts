// What the headers of the clouds tell before anything is computed.
import { jobErrorMessage, jobWarningMessage } from '@alidade/contract/jobs'
import type { PlanRaster } from '@alidade/analysis'
import { canWriteLaz, type Crs } from '@alidade/formats'
import { JobError } from '../job-error.ts'
import type { InspectedFile, Inspection, JobContext } from '../job-type.ts'
import { type CloudDescription, describeCloud, middleOf } from '../point-clouds/describe-cloud.ts'
import { exportSrsFrom, ignoredExportSrs, inspectExportSrs } from '../point-clouds/export-srs.ts'
import { clipFile, clipProblem } from './clip-region.ts'
import { heightUnitWarning } from './export-system.ts'
import { memoryMegabytes } from './memory-megabytes.ts'
import {
  boundsOfHeaders,
  fewestOfSite,
  foreseenCells,
  isAbsurd,
  mostCells,
  optionsIn,
  rasterPlan,
} from './raster-plan.ts'
import { resultBytes } from './result-bytes.ts'

/** What messages call the clouds: both types that use this name them alike in v1. */
export const cloudInput = 'pointClouds'

const lazOutput = 'exportedSegmentation3DLAZ'

/** What becomes of points so far off the site that no memory holds a raster of all: those that are left apart need to be few. */
export type FarPoints = 'refused' | 'apart'

export function tooLarge({ columns, rows }: PlanRaster): string {
  return `expected a site of at most ${mostCells} cells of a metre, got one of ${columns} by ${rows}`
}

export async function inspectClouds(
  inputs: Record<string, InspectedFile[]>,
  outputs: string[],
  signal: AbortSignal,
  options: JobContext['options'] = {},
  input: string = cloudInput,
  farPoints: FarPoints = 'refused',
): Promise<Inspection> {
  const result: Inspection = { faults: [], warnings: [], resultBytes: 0, memoryMegabytes: 0 }
  let cloud: CloudDescription
  try {
    cloud = await describeCloud(input, inputs[input] ?? [], signal)
  } catch (error) {
    if (!(error instanceof JobError)) throw error
    return { ...result, faults: [{ input, error: error.jobMessage }] }
  }
  const { crs, headers } = cloud
  const bounds = boundsOfHeaders(headers)!
  if (crs === undefined) result.warnings.push(jobWarningMessage('Unit_Assumed', input))
  result.warnings.push(...cloud.doubts, ...ignoredExportSrs(options.exportSrs, outputs))
  const plan = rasterPlan(bounds, optionsIn(crs))
  const { columns, rows } = plan
  const mayLieApart =
    farPoints === 'apart' && cloud.pointCount > fewestOfSite && isAbsurd(plan, cloud.pointCount)
  if (columns * rows > mostCells && !mayLieApart) {
    const problem = `${tooLarge(plan)}, as the headers say; points far off the site would make it that large.`
    result.faults.push({
      input,
      error: jobErrorMessage('InputData_Invalid', input, problem),
    })
    return result
  }
  result.resultBytes = resultBytes(outputs, headers, inputs[input] ?? [])
  result.memoryMegabytes = memoryMegabytes(headers, foreseenCells(plan, cloud.pointCount))

  const exported = outputs.find((name) => name.startsWith('exported'))
  if (exported !== undefined) {
    const { fault, warnings } = inspectExports(options.exportSrs, crs, cloud, exported)
    if (fault !== undefined) result.faults.push({ option: 'exportSrs', error: fault })
    result.warnings.push(...warnings)
  }
  const uncompressible = headers.findIndex(({ pointFormat }) => !canWriteLaz(pointFormat))
  if (uncompressible >= 0 && outputs.includes(lazOutput)) {
    const { name } = inputs[input]![uncompressible]!
    const { pointFormat } = headers[uncompressible]!
    const problem = `${name} has points of format ${pointFormat}, with waveforms, which LAZ does not hold; ask for LAS.`
    const error = jobErrorMessage('InputData_Invalid', input, problem)
    result.faults.push({ output: lazOutput, error })
  }
  const clip = clipFile(inputs)
  if (clip !== undefined) {
    const problem = await clipProblem(clip, crs, cloud.bounds)
    if (problem !== undefined) result.faults.push({ input: clip.input, error: problem })
  }
  return result
}

function inspectExports(value: unknown, crs: Crs | undefined, cloud: CloudDescription, output: string) {
  const { input } = cloud
  const inspected = inspectExportSrs(value, crs, middleOf(cloud), { input, output })
  const exportCrs = inspected.fault === undefined ? exportSrsFrom(value) : undefined
  const heights = crs && exportCrs && heightUnitWarning(crs, exportCrs, input)
  return { fault: inspected.fault, warnings: [...inspected.warnings, ...(heights ? [heights] : [])] }
}
