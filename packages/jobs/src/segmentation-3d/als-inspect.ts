// What the headers of the clouds tell of a segmentation before anything is computed.
import { type JobMessage, jobErrorMessage, jobWarningMessage } from '@alidade/contract/jobs'
import { type Crs, heightWarning, type LasHeader } from '@alidade/formats'
import { cloudInput, inspectClouds } from '../extract-ground/inspect.ts'
import { memoryMegabytes } from '../extract-ground/memory-megabytes.ts'
import { boundsOfHeaders, foreseenCells, optionsIn, rasterPlan } from '../extract-ground/raster-plan.ts'
import { JobError } from '../job-error.ts'
import type { InspectedFile, Inspection, JobContext } from '../job-type.ts'
import { type CloudDescription, describeCloud } from '../point-clouds/describe-cloud.ts'
import { isRunInTiles, memoryOfPoints, tileFileBytes } from './als-costs.ts'

/** Names of the outputs that have places on the Earth. */
const isOnEarth = (output: string) =>
  /^exported(Objects|Locations|Lines|Polygons)3D(GeoJSON|Cesium)$/.test(output)

export async function inspectAls(
  inputs: Record<string, InspectedFile[]>,
  outputs: string[],
  signal: AbortSignal,
  options: JobContext['options'] = {},
): Promise<Inspection> {
  const inspection = await inspectClouds(inputs, outputs, signal, options, cloudInput, 'apart')
  if (inspection.faults.some(({ input }) => input === cloudInput)) return inspection
  const cloud = await describeCloud(cloudInput, inputs.pointClouds ?? [], signal).catch(nothing)
  const { crs, pointCount } = cloud
  const vectors = inspectVectors(outputs, crs)
  const inTiles = isRunInTiles(pointCount)
  return {
    faults: [...inspection.faults, ...vectors.faults],
    warnings: [...inspection.warnings, ...vectors.warnings],
    resultBytes:
      inspection.resultBytes +
      (options.saveConfidence === true ? 4 * pointCount * outputs.length : 0) +
      (inTiles ? pointCount * tileFileBytes : 0),
    memoryMegabytes:
      memoryOfPoints(pointCount) + (inTiles ? memoryOfGround(cloud) : inspection.memoryMegabytes),
  }
}

type Described = Pick<CloudDescription, 'headers' | 'crs' | 'pointCount'>

/** Where no records stay in memory. */
function memoryOfGround({ headers, crs, pointCount }: Described): number {
  const bounds = boundsOfHeaders(headers)
  if (bounds === undefined) return 0
  return memoryMegabytes([], foreseenCells(rasterPlan(bounds, optionsIn(crs)), pointCount))
}

/** What forbids vectors of a cloud in `crs`, and what they will have to say. */
export function inspectVectors(
  outputs: readonly string[],
  crs: Crs | undefined,
  input: string = cloudInput,
): { faults: Inspection['faults']; warnings: JobMessage[] } {
  const onEarth = outputs.filter(isOnEarth)
  if (onEarth.length === 0) return { faults: [], warnings: [] }
  if (crs?.proj4 === undefined) {
    const what = crs === undefined ? 'the input' : `the system '${crs.name}'`
    const faults = onEarth.map((output) => ({ output, error: jobErrorMessage('Crs_Missing', output, what) }))
    return { faults, warnings: [] }
  }
  const heights = heightWarning(crs)
  return {
    faults: [],
    warnings: [
      ...(crs.warning === undefined ? [] : [jobWarningMessage('Crs_Approximate', input, crs.warning)]),
      ...(heights === undefined ? [] : [jobWarningMessage('Heights_Unchanged', input, heights)]),
    ],
  }
}

function nothing(error: unknown): { crs: undefined; pointCount: number; headers: LasHeader[] } {
  if (error instanceof JobError) return { crs: undefined, pointCount: 0, headers: [] }
  throw error
}
