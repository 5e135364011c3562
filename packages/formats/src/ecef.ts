// Places on the Earth in metres: geocentric (EPSG:4978), and east, north, up about an origin.
import { type Crs, toWgs84 } from './crs.ts'
import type { Vector3 } from './las-coordinates.ts'

const semiMajorAxis = 6378137
const flattening = 1 / 298.257223563
const eccentricitySquared = flattening * (2 - flattening)

/** Of longitude and latitude in degrees and a height in metres on the ellipsoid of WGS 84. */
export function geocentricOf(lon: number, lat: number, height: number): [x: number, y: number, z: number] {
  const [sinLat, cosLat, sinLon, cosLon] = sinesOf(lon, lat)
  const curvature = semiMajorAxis / Math.sqrt(1 - eccentricitySquared * sinLat * sinLat)
  const fromAxis = (curvature + height) * cosLat
  return [fromAxis * cosLon, fromAxis * sinLon, (curvature * (1 - eccentricitySquared) + height) * sinLat]
}

/** East, north and up where it stands, and the way from geocentric coordinates to there. */
export interface LocalFrame {
  /** Column by column, from east, north, up to geocentric: what glTF and 3D Tiles call a transform. */
  readonly toGeocentric: readonly number[]
  fromGeocentric(point: Vector3): [east: number, north: number, up: number]
}

export function localFrameAt(lon: number, lat: number, height: number): LocalFrame {
  const [sinLat, cosLat, sinLon, cosLon] = sinesOf(lon, lat)
  const origin = geocentricOf(lon, lat, height)
  const axes = [
    [-sinLon, cosLon, 0],
    [-sinLat * cosLon, -sinLat * sinLon, cosLat],
    [cosLat * cosLon, cosLat * sinLon, sinLat],
  ] as const
  return {
    toGeocentric: [...axes.flatMap((axis) => [...axis, 0]), ...origin, 1],
    fromGeocentric: (point) => {
      const [x, y, z] = [point[0] - origin[0], point[1] - origin[1], point[2] - origin[2]]
      return axes.map((axis) => axis[0] * x + axis[1] * y + axis[2] * z) as [number, number, number]
    },
  }
}

/**
 * From coordinates of a system to geocentric ones. Heights become metres and are taken for heights above the ellipsoid,
 * whatever they are above (`heightWarning` says so). FormatError `Unsupported` for a system without a way to WGS 84;
 * RangeError for a place that it cannot reach.
 */
export function geocentricPlaces(crs: Crs): {
  geocentric: (point: Vector3) => [x: number, y: number, z: number]
  frameAt: (point: Vector3) => LocalFrame
} {
  const lonLat = toWgs84(crs)
  const metres = (crs.verticalUnit ?? crs.linearUnit).metres
  const placed = <Result>(place: (lon: number, lat: number, height: number) => Result) => {
    return ([x, y, z]: Vector3) => {
      if (!Number.isFinite(z)) throw new RangeError(`expected a finite height, got ${z}`)
      return place(...lonLat(x, y), z * metres)
    }
  }
  return { geocentric: placed(geocentricOf), frameAt: placed(localFrameAt) }
}

function sinesOf(lon: number, lat: number): [sinLat: number, cosLat: number, sinLon: number, cosLon: number] {
  const [east, north] = [(lon * Math.PI) / 180, (lat * Math.PI) / 180]
  return [Math.sin(north), Math.cos(north), Math.sin(east), Math.cos(east)]
}
