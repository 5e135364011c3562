// exportedLocations3DGeoJSON: one point for each change, at the centre of its box, on WGS 84.
import { writeFile } from 'node:fs/promises'
import { geoJsonFeatureCollection, toWgs84 } from '@alidade/formats'
import { JobError } from '../job-error.ts'
import type { OutputFolder } from '../job-type.ts'
import { changeGuid, commonCrs, confidenceOf, type FoundChanges } from './found-change.ts'

/** Lengths are turned into metres by the linear unit of the CRS. Heights stay in their own vertical system. */
export async function writeLocations(output: OutputFolder, found: FoundChanges): Promise<void> {
  const name = 'exportedLocations3DGeoJSON'
  const crs = commonCrs(found)
  if (crs?.proj4 === undefined) throw new JobError('Crs_Missing', [name, 'the input'])
  const lonLat = toWgs84(crs)
  const metres = crs.linearUnit.metres
  const verticalMetres = crs.verticalUnit?.metres ?? metres
  const rounded = (value: number, decimals: number) => Number(value.toFixed(decimals))
  const cubic = metres * metres * verticalMetres

  const features = found.changes.map((change) => {
    const { center, size, yawRadians } = change.box
    const [lon, lat] = lonLat(center[0], center[1])
    const id = changeGuid(change)
    return {
      id,
      geometry: { type: 'Point', coordinates: [lon, lat, center[2] * verticalMetres] } as const,
      properties: {
        id,
        label: change.kind,
        confidence: confidenceOf(change, found),
        // As in the column `change` of the segmented surveys.
        change: change.id,
        // Absent where one of the surveys has no surface to compare with.
        ...(Number.isFinite(change.volume) && {
          volumeCubicMetres: rounded(change.volume * cubic, 3),
          // Nothing can be said of scatter where no cell has two points.
          ...(Number.isFinite(change.volumeUncertainty95) && {
            volumeUncertainty95: rounded(change.volumeUncertainty95 * cubic, 3),
          }),
        }),
        pointCount: change.pointCount,
        areaSquareMetres: rounded(change.footprintArea * metres * metres, 2),
        lengthMetres: rounded(size[0] * metres, 3),
        widthMetres: rounded(size[1] * metres, 3),
        heightMetres: rounded(size[2] * verticalMetres, 3),
        yawDegrees: rounded((yawRadians * 180) / Math.PI, 2),
      },
    }
  })
  await writeFile(output.path(`${name}.geojson`), geoJsonFeatureCollection(features))
}
