// The region that a job looks at: polygons of a GeoJSON file, in the coordinates of its clouds.
import { type PlanRegion, planRegion } from '@alidade/analysis'
import { type Crs, crsFromDefinition, FormatError, parseGeoJsonPolygons, reproject } from '@alidade/formats'
import { JobError } from '../job-error.ts'
import type { InspectedFile } from '../job-type.ts'

const mostBytes = 16 * 1024 * 1024

/**
 * `crs`: that of the clouds; `input`: the name that messages show. JobError `InputData_Invalid` for a file that cannot be
 * used, and why.
 */
export async function readExtent(
  input: string,
  { name, source }: InspectedFile,
  crs: Crs | undefined,
): Promise<PlanRegion> {
  const invalid = (problem: string, cause?: Error) =>
    new JobError('InputData_Invalid', [input, `${name} ${problem}`], { cause })
  if (source.sizeBytes > mostBytes) {
    throw invalid(`has ${source.sizeBytes} bytes; expected at most ${mostBytes}.`)
  }
  try {
    const drawn = parseGeoJsonPolygons(await source.read(0, source.sizeBytes))
    if (crs?.proj4 === undefined) {
      const surveys = crs === undefined ? 'no known system' : `the system '${crs.name}'`
      throw invalid(`is in ${drawn.crs}, and the surveys are in ${surveys}, to which no way leads.`)
    }
    const place = reproject(crsFromDefinition(drawn.crs), crs)
    return planRegion(drawn.polygons.map((rings) => rings.map((ring) => moved(ring, place))))
  } catch (error) {
    if (error instanceof FormatError) throw invalid(`${error.message}.`, error)
    if (error instanceof RangeError)
      throw invalid(`cannot be put into the system of the surveys: ${error.message}.`, error)
    throw error
  }
}

/** Edges stay straight: over a site the difference to those on the ellipsoid is below a millimetre. */
function moved(ring: Float64Array, place: (x: number, y: number) => [number, number]): Float64Array {
  const result = new Float64Array(ring.length)
  for (let i = 0; i < ring.length; i += 2) result.set(place(ring[i]!, ring[i + 1]!), i)
  return result
}

/** Whether a region and a survey have a place in common, as far as their bounds tell. */
export function meets(
  { bounds: { min, max } }: PlanRegion,
  survey: { min: readonly number[]; max: readonly number[] },
): boolean {
  return ([0, 1] as const).every((axis) => min[axis] <= survey.max[axis]! && survey.min[axis]! <= max[axis])
}
