// Objects, lines and polygons of a segmented cloud, in every output that was asked for.
import type { PlanRegion, Segmentation } from '@alidade/analysis'
import type { Crs } from '@alidade/formats'
import type { JobContext } from '../job-type.ts'
import type { Step } from './als-costs.ts'
import { findLines, findObjects, findPolygons } from './found-vectors.ts'
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

/** Exports of what was not asked for itself are nobody's wish: the declaration forbids them. */
export async function writeFound(segmentation: Segmentation, given: WriteFoundOptions): Promise<void> {
  const { outputs, options, crs, region, unitsPerMetre, signal, progress } = given
  const writing = { outputs, crs, signal }
  const kinds = {
    objects3D: async () => {
      const objects = findObjects(segmentation, { unitsPerMetre, region })
      await writeVectors('objects3D', objectVectors(objects), writing)
      const { exportedLocations3DGeoJSON: geoJson, exportedLocations3DSHP: shapefile } = outputs
      if (geoJson !== undefined) await writeLocations(geoJson, objects, crs)
      if (shapefile !== undefined)
        await writeLocationsShapefile(shapefile, objects, { crs, exportSrs: options.exportSrs })
    },
    lines3D: async () => {
      const withWidth = options.computeLineWidth === true
      const leastLength = Number(options.removeSmallLines ?? 0)
      const lines = findLines(segmentation, { unitsPerMetre, region, withWidth, leastLength })
      await writeVectors('lines3D', lineVectors(lines), writing)
    },
    polygons3D: async () => {
      await writeVectors('polygons3D', polygonVectors(findPolygons(segmentation, { region })), writing)
    },
  }
  for (const [name, write] of Object.entries(kinds)) {
    if (outputs[name] === undefined) continue
    signal.throwIfAborted()
    const counting = progress.begin('Write_Results', { part: name, total: 1, unit: 'scenes' })
    await write()
    counting.advance(1)
  }
}
