// The option exportSrs: which system a shapefile is in, and whether it can be.
import { type JobMessage, jobErrorMessage, jobWarningMessage } from '@alidade/contract/jobs'
import {
  type Crs,
  crsFromDefinition,
  esriWkt,
  FormatError,
  heightChangeWarning,
  reproject,
} from '@alidade/formats'
import { JobError } from '../job-error.ts'

/** What is wrong with a value of exportSrs, as one sentence; undefined: nothing. */
export function exportSrsProblem(value: unknown): string | undefined {
  try {
    exportSrsFrom(value)
    return undefined
  } catch (error) {
    if (error instanceof JobError) return error.jobMessage.params[1]
    throw error
  }
}

/** Outputs that are in its system: segmented clouds and shapefiles. GeoJSON and tiles are on WGS 84 in any case. */
const isInSystem = (output: string) => /^exported(Segmentation3D|\w*SHP$)/.test(output)

/** What to say of a value that none of the outputs heeds. */
export function ignoredExportSrs(value: unknown, outputs: readonly string[]): JobMessage[] {
  if (String(value ?? '').trim() === '' || outputs.some(isInSystem)) return []
  return [jobWarningMessage('Option_Ignored', 'exportSrs')]
}

/**
 * The system that a value of exportSrs means; undefined: that of the surveys. JobError `InputData_Invalid` for what is
 * no system, has no place on the Earth, or cannot be told in a .prj.
 */
export function exportSrsFrom(value: unknown): Crs | undefined {
  const definition = String(value ?? '').trim()
  if (definition === '') return undefined
  const problem = (what: string) => new JobError('InputData_Invalid', ['exportSrs', `${what}.`])
  let crs: Crs
  try {
    crs = crsFromDefinition(definition)
  } catch (error) {
    if (error instanceof FormatError) throw problem(error.message)
    throw error
  }
  if (crs.proj4 === undefined)
    throw problem(`expected a projected or a geographic system, got the ${crs.kind} system '${crs.name}'`)
  if (esriWkt(crs) === undefined)
    throw problem(`expected a system that a shapefile can state, got the projection of '${crs.name}'`)
  return crs
}

/**
 * What forbids a shapefile of a cloud in `surveyCrs` about the place `x`, `y`, and what it will have to say. `input` and
 * `output` are the names that messages show.
 */
export function inspectExportSrs(
  value: unknown,
  surveyCrs: Crs | undefined,
  [x, y]: readonly [x: number, y: number],
  { input, output }: { input: string; output: string },
): { fault?: JobMessage; warnings: JobMessage[] } {
  try {
    const exportCrs = exportSrsFrom(value)
    if (exportCrs === undefined) return { warnings: [] }
    if (surveyCrs?.proj4 === undefined) {
      const what = surveyCrs === undefined ? 'the input' : `the system '${surveyCrs.name}'`
      return { fault: jobErrorMessage('Crs_Missing', output, what), warnings: [] }
    }
    placesIn(surveyCrs, exportCrs)(x, y)
    const heights = heightChangeWarning(surveyCrs, exportCrs)
    const warnings = heights === undefined ? [] : [jobWarningMessage('Heights_Unchanged', input, heights)]
    if (surveyCrs.proj4 === exportCrs.proj4) return { warnings }
    const approximate = [[input, surveyCrs.warning] as const, ['exportSrs', exportCrs.warning] as const]
    for (const [name, warning] of approximate)
      if (warning !== undefined) warnings.push(jobWarningMessage('Crs_Approximate', name, warning))
    return { warnings }
  } catch (error) {
    if (error instanceof JobError) return { fault: error.jobMessage, warnings: [] }
    throw error
  }
}

/** As `reproject`; a place out of reach is a JobError that names the option. */
export function placesIn(surveyCrs: Crs, exportCrs: Crs): Project {
  return orJobError(reproject(surveyCrs, exportCrs), 'exportSrs')
}

type Project = (x: number, y: number) => [x: number, y: number]

/** A projection whose places out of reach are a JobError that names the input or option at fault. */
export function orJobError(project: Project, name: string): Project {
  return (x, y) => {
    try {
      return project(x, y)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      throw new JobError('InputData_Invalid', [name, `${error.message}.`], { cause: error })
    }
  }
}
