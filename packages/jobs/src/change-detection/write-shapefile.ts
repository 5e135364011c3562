// exportedLocations3DSHP: the locations of the changes as a shapefile of points with heights.
import { writeFile } from 'node:fs/promises'
import { type Crs, type DbfField, encodeShapefile } from '@alidade/formats'
import { JobError } from '../job-error.ts'
import type { OutputFolder } from '../job-type.ts'
import { exportSrsFrom, placesIn } from '../point-clouds/export-srs.ts'
import { commonCrs, type FoundChanges } from './found-change.ts'
import { type LocationProperties, locationsOf } from './locations.ts'

/** How each property of a location is called and written: dBASE names end after ten characters. */
const fields: Readonly<Record<keyof LocationProperties, DbfField>> = {
  id: { name: 'id', type: 'text', widthBytes: 36 },
  label: { name: 'label', type: 'text', widthBytes: 32 },
  confidence: { name: 'confidence', type: 'number', widthBytes: 6, decimals: 3 },
  change: { name: 'change', type: 'number', widthBytes: 9 },
  volumeCubicMetres: { name: 'volumeM3', type: 'number', widthBytes: 18, decimals: 3 },
  volumeUncertainty95: { name: 'volUnc95M3', type: 'number', widthBytes: 18, decimals: 3 },
  pointCount: { name: 'pointCount', type: 'number', widthBytes: 18 },
  areaSquareMetres: { name: 'areaM2', type: 'number', widthBytes: 18, decimals: 2 },
  lengthMetres: { name: 'lengthM', type: 'number', widthBytes: 18, decimals: 3 },
  widthMetres: { name: 'widthM', type: 'number', widthBytes: 18, decimals: 3 },
  heightMetres: { name: 'heightM', type: 'number', widthBytes: 18, decimals: 3 },
  yawDegrees: { name: 'yawDeg', type: 'number', widthBytes: 8, decimals: 2 },
}

/**
 * Places are in the system of `exportSrs`, else of the surveys. Heights stay in their own vertical system, in the unit
 * of x and y (metres where that is degrees): programs take it for the unit of z where a .prj says nothing of heights.
 */
export async function writeShapefile(
  output: OutputFolder,
  found: FoundChanges,
  exportSrs: unknown,
): Promise<void> {
  const surveyCrs = commonCrs(found)
  const crs = exportSrsFrom(exportSrs) ?? surveyCrs
  const place = placer(output.name, surveyCrs, crs)
  const metresOfHeight = crs?.linearUnit.metres ?? 1
  const properties = Object.keys(fields) as (keyof LocationProperties)[]
  const features = locationsOf(found).map((location) => ({
    shape: {
      type: 'PointZ',
      coordinates: [...place(location.x, location.y), location.heightMetres / metresOfHeight],
    } as const,
    values: properties.map((property) => location.properties[property]),
  }))
  const parts = encodeShapefile(Object.values(fields), features, crs)
  for (const [extension, bytes] of Object.entries(parts))
    await writeFile(output.path(`${output.name}.${extension}`), bytes)
}

/** A survey without a known system keeps its numbers as long as no other system is asked for. */
function placer(name: string, surveyCrs: Crs | undefined, crs: Crs | undefined) {
  if (crs === surveyCrs) return (x: number, y: number): [number, number] => [x, y]
  if (surveyCrs?.proj4 === undefined) throw new JobError('Crs_Missing', [name, 'the input'])
  return placesIn(surveyCrs, crs!)
}
