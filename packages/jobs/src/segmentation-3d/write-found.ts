// Objects, lines and polygons of a segmented cloud, in every output that was asked for.
import type { Pace, PlanRegion, Segmentation } from '@alidade/analysis'
import type { Crs } from '@alidade/formats'
import type { JobContext, StepProgress } from '../job-type.ts'
import type { Step } from './als-costs.ts'
import {
  findLines,
  findObjects,
  findPolygons,
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

/** What vectors there are, found when they are asked for. */
export interface VectorFinders {
  /** With how much it tells of while they are found. */
  objects3D: { total: number; find: (pace: Pace) => Promise<FoundObject[]> }
  lines3D: () => FoundLine[]
  polygons3D: () => FoundPolygon[]
}

export async function writeFound(segmentation: Segmentation, given: WriteFoundOptions): Promise<void> {
  const { options, region, unitsPerMetre } = given
  const finders: VectorFinders = {
    objects3D: {
      total: uprightSteps * segmentation.samples.x.length,
      find: (pace) => findObjects(segmentation, { unitsPerMetre, region }, pace),
    },
    lines3D: () => {
      const withWidth = options.computeLineWidth === true
      const leastLength = Number(options.removeSmallLines ?? 0)
      return findLines(segmentation, { unitsPerMetre, region, withWidth, leastLength })
    },
    polygons3D: () => findPolygons(segmentation, { region }),
  }
  await writeKinds(finders, given)
}

export interface MadeVectors {
  objects3D: FoundObject[]
  lines3D: FoundLine[]
  polygons3D: FoundPolygon[]
}

/** Vectors that are made already. */
export async function writeMade(
  { objects3D, lines3D, polygons3D }: MadeVectors,
  given: Parameters<typeof writeKinds>[1],
): Promise<void> {
  const finders = {
    objects3D: { total: 1, find: async () => objects3D },
    lines3D: () => lines3D,
    polygons3D: () => polygons3D,
  }
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
    lines3D: async () => writeVectors('lines3D', lineVectors(find.lines3D()), writing),
    polygons3D: async () => writeVectors('polygons3D', polygonVectors(find.polygons3D()), writing),
  }
  for (const [name, write] of Object.entries(kinds)) {
    if (outputs[name] === undefined) continue
    signal.throwIfAborted()
    const total = name === 'objects3D' ? find.objects3D.total : 1
    const counting = progress.begin('Write_Results', {
      part: name,
      total,
      unit: total > 1 ? 'samples' : 'scenes',
    })
    const pace = paceOf(counting, total, signal)
    await write(pace)
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
