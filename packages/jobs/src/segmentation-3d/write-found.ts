// Objects, lines and polygons of a segmented cloud, in every output that was asked for.
import type { Pace, PlanRegion, Segmentation } from '@alidade/analysis'
import type { Crs } from '@alidade/formats'
import type { JobContext, StepProgress } from '../job-type.ts'
import type { Step } from './als-costs.ts'
import {
  findLines,
  findObjects,
  findPolygons,
  type Found,
  polygonsWork,
  type FoundLine,
  type FoundObject,
  type FoundPolygon,
  uprightSteps,
} from './found-vectors.ts'
import {
  lineVectors,
  objectVectors,
  polygonVectors,
  writeLocations,
  writeLocationsShapefile,
  writeVectors,
} from './write-vectors.ts'

export interface WriteFoundOptions
  extends Pick<JobContext<Step>, 'outputs' | 'options' | 'signal' | 'progress'> {
  crs: Crs | undefined
  region: PlanRegion | undefined
  unitsPerMetre: number
}

/** Vectors that are found when they are asked for. */
interface Finder<T> {
  /** What is told of while they are found, in which unit. */
  total: number
  unit: string
  find(pace: Pace): Promise<T[]>
}

export interface VectorFinders {
  objects3D: Finder<FoundObject>
  lines3D: Finder<FoundLine>
  polygons3D: Finder<FoundPolygon>
}

export async function writeFound(segmentation: Segmentation, given: WriteFoundOptions): Promise<void> {
  const { options, region, unitsPerMetre } = given
  const finders: VectorFinders = {
    objects3D: {
      ...{ total: uprightSteps * segmentation.samples.x.length, unit: 'samples' },
      find: (pace) => findObjects(segmentation, { unitsPerMetre, region }, pace),
    },
    lines3D: {
      ...{ total: segmentation.wires.length, unit: 'lines' },
      find: (pace) => {
        const withWidth = options.computeLineWidth === true
        const leastLength = Number(options.removeSmallLines ?? 0)
        return findLines(segmentation, { unitsPerMetre, region, withWidth, leastLength }, pace)
      },
    },
    polygons3D: {
      ...{ total: polygonsWork(segmentation), unit: 'cells' },
      find: (pace) => findPolygons(segmentation, { region }, pace),
    },
  }
  await writeKinds(finders, given)
}

export interface MadeVectors {
  objects3D: FoundObject[]
  lines3D: FoundLine[]
  polygons3D: FoundPolygon[]
}

/** Vectors that are made already, in the order of their classes and ids: the same whatever the tiles that they were made in. */
export async function writeMade(
  { objects3D, lines3D, polygons3D }: MadeVectors,
  given: Parameters<typeof writeKinds>[1],
): Promise<void> {
  const inOrder = (one: Found, other: Found) =>
    one.labelId - other.labelId || (one.guid < other.guid ? -1 : 1)
  const made = <T extends Found>(vectors: T[]): Finder<T> => ({
    ...{ total: 1, unit: 'scenes', find: async () => vectors.toSorted(inOrder) },
  })
  const finders = { objects3D: made(objects3D), lines3D: made(lines3D), polygons3D: made(polygons3D) }
  await writeKinds(finders, given)
}

/** Exports of what was not asked for itself are nobody's wish: the declaration forbids them. */
export async function writeKinds(
  find: VectorFinders,
  { outputs, options, crs, signal, progress }: Omit<WriteFoundOptions, 'region' | 'unitsPerMetre'>,
): Promise<void> {
  const writing = { outputs, crs, signal }
  const kinds = {
    objects3D: async (pace: Pace) => {
      const objects = await find.objects3D.find(pace)
      await writeVectors('objects3D', objectVectors(objects), writing)
      const { exportedLocations3DGeoJSON: geoJson, exportedLocations3DSHP: shapefile } = outputs
      if (geoJson !== undefined) await writeLocations(geoJson, objects, crs)
      if (shapefile !== undefined)
        await writeLocationsShapefile(shapefile, objects, { crs, exportSrs: options.exportSrs })
    },
    lines3D: async (pace: Pace) =>
      writeVectors('lines3D', lineVectors(await find.lines3D.find(pace)), writing),
    polygons3D: async (pace: Pace) =>
      writeVectors('polygons3D', polygonVectors(await find.polygons3D.find(pace)), writing),
  }
  for (const name of ['objects3D', 'lines3D', 'polygons3D'] as const) {
    if (outputs[name] === undefined) continue
    signal.throwIfAborted()
    const { total, unit } = find[name]
    const pace = paceOf(progress.begin('Write_Results', { part: name, total, unit }), total, signal)
    await kinds[name](pace)
    await pace(total)
  }
}

/** Counts up to `total`, lets a run hear that it is cancelled, and may be told more than there is. */
export function paceOf(counting: StepProgress, total: number, signal: AbortSignal): Pace {
  let left = total
  return async (done) => {
    await new Promise((resolve) => setImmediate(resolve))
    signal.throwIfAborted()
    const told = Math.min(done, left)
    left -= told
    counting.advance(told)
  }
}
