// exportedLocations3DGeoJSON: one point for each change, at the centre of its box, on WGS 84.
import { writeFile } from 'node:fs/promises'
import { geoJsonFeatureCollection, toWgs84 } from '@alidade/formats'
import { JobError } from '../job-error.ts'
import type { OutputFolder } from '../job-type.ts'
import { orJobError } from '../point-clouds/export-srs.ts'
import { commonCrs, type FoundChanges } from './found-change.ts'
import { locationsOf } from './locations.ts'
import { shownName } from './shown-name.ts'

/** Heights stay in their own vertical system, in metres. */
export async function writeLocations(output: OutputFolder, found: FoundChanges): Promise<void> {
  const crs = commonCrs(found)
  if (crs?.proj4 === undefined) throw new JobError('Crs_Missing', [output.name, 'the input'])
  const lonLat = orJobError(toWgs84(crs), shownName('modelA'))
  const features = locationsOf(found).map(({ x, y, heightMetres, properties }) => ({
    id: properties.id,
    geometry: { type: 'Point', coordinates: [...lonLat(x, y), heightMetres] } as const,
    properties: { ...properties },
  }))
  await writeFile(output.path(`${output.name}.geojson`), geoJsonFeatureCollection(features))
}
