// Where each change is and what is known of it: one table for GeoJSON and for the shapefile.
import { changeGuid, confidenceOf, commonCrs, type FoundChanges } from './found-change.ts'

export interface LocationProperties {
  id: string
  label: string
  confidence: number
  /** As in the column `change` of the segmented surveys. */
  change: number
  /** Absent where one of the surveys has no surface to compare with. */
  volumeCubicMetres?: number
  /** Absent where nothing can be said of scatter, because no cell has two points. */
  volumeUncertainty95?: number
  pointCount: number
  areaSquareMetres: number
  lengthMetres: number
  widthMetres: number
  heightMetres: number
  yawDegrees: number
}

export interface Location {
  /** Centre of the box: x and y in the unit of the survey's system. */
  x: number
  y: number
  heightMetres: number
  properties: LocationProperties
}

/** In the order of the changes. Lengths become metres by the linear unit of the CRS, heights by that of their own. */
export function locationsOf(found: FoundChanges): Location[] {
  const crs = commonCrs(found)
  const metres = crs?.linearUnit.metres ?? 1
  const verticalMetres = crs?.verticalUnit?.metres ?? metres
  const cubic = metres * metres * verticalMetres
  return found.changes.map((change) => {
    const { center, size, yawRadians } = change.box
    return {
      x: center[0],
      y: center[1],
      heightMetres: center[2] * verticalMetres,
      properties: {
        id: changeGuid(change),
        label: change.kind,
        confidence: confidenceOf(change, found),
        change: change.id,
        ...(Number.isFinite(change.volume) && {
          volumeCubicMetres: rounded(change.volume * cubic, 3),
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
}

function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals))
}
