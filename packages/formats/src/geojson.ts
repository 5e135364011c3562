// GeoJSON feature collections exactly as RFC 7946 wants them.

export type Position =
  | readonly [lon: number, lat: number]
  | readonly [lon: number, lat: number, height: number]

export type GeoJsonGeometry =
  | { readonly type: 'Point'; readonly coordinates: Position }
  | { readonly type: 'MultiPoint' | 'LineString'; readonly coordinates: readonly Position[] }
  | { readonly type: 'MultiLineString' | 'Polygon'; readonly coordinates: readonly (readonly Position[])[] }
  | { readonly type: 'MultiPolygon'; readonly coordinates: readonly (readonly (readonly Position[])[])[] }

export type GeoJsonFeature = {
  readonly id?: string | number
  readonly geometry: GeoJsonGeometry | null
  readonly properties: Readonly<Record<string, unknown>>
}

/** 9 decimals of a degree are 0.1 mm on the ground, more than any survey has; heights keep millimetres. */
const degreeDecimals = 9
const heightDecimals = 3

/** Texts of about this length are handed on: long enough for a disk, short for memory. */
const chunkCharacters = 1 << 20

/**
 * A feature collection on WGS 84 as pieces of JSON text, made while `features` are read, so that millions take no more
 * memory than one piece: coordinates rounded, outer rings anticlockwise and holes clockwise (section 3.1.6), rings
 * closed, a `bbox` (at the end, when it is known), no `crs` member (section 4). A third coordinate is a height in metres
 * above the ellipsoid (section 3.1.1); whoever has heights above something else says so elsewhere, or leaves them out.
 *
 * Geometries are expected not to cross the antimeridian: section 3.1.9 asks to cut them there, which surveys a few
 * kilometres wide do not need and which would tear areas apart that users count. When single features lie on both
 * sides of it the `bbox` goes the short way round, its west larger than its east (section 5.2). RangeError for a
 * position outside -180..180, -90..90, for fewer than four positions in a ring and fewer than two in a line.
 */
export function* geoJsonChunks(features: Iterable<GeoJsonFeature>): Generator<string, void> {
  const box = new BoundingBox()
  let chunk = '{"type":"FeatureCollection","features":['
  let separator = ''
  for (const { id, geometry, properties } of features) {
    const clean = geometry && cleanGeometry(geometry, box)
    chunk += separator
    chunk += JSON.stringify({ type: 'Feature', ...(id !== undefined && { id }), geometry: clean, properties })
    separator = ','
    if (chunk.length < chunkCharacters) continue
    yield chunk
    chunk = ''
  }
  const bbox = box.toJson()
  yield `${chunk}]${bbox ? `,"bbox":${JSON.stringify(bbox)}` : ''}}`
}

/** As one text, which ends at 512 MB. */
export function geoJsonFeatureCollection(features: Iterable<GeoJsonFeature>): string {
  return [...geoJsonChunks(features)].join('')
}

function cleanGeometry(geometry: GeoJsonGeometry, box: BoundingBox): GeoJsonGeometry {
  const place = (position: Position) => cleanPosition(position, box)
  const line = (positions: readonly Position[]) => {
    if (positions.length < 2)
      throw new RangeError(`expected a line of at least 2 positions, got ${positions.length}`)
    return positions.map(place)
  }
  const polygon = (rings: readonly (readonly Position[])[]) =>
    rings.map((ring, i) => cleanRing(ring.map(place), i === 0))
  switch (geometry.type) {
    case 'Point':
      return { type: geometry.type, coordinates: place(geometry.coordinates) }
    case 'MultiPoint':
      return { type: geometry.type, coordinates: geometry.coordinates.map(place) }
    case 'LineString':
      return { type: geometry.type, coordinates: line(geometry.coordinates) }
    case 'MultiLineString':
      return { type: geometry.type, coordinates: geometry.coordinates.map(line) }
    case 'Polygon':
      return { type: geometry.type, coordinates: polygon(geometry.coordinates) }
    case 'MultiPolygon':
      return { type: geometry.type, coordinates: geometry.coordinates.map(polygon) }
  }
}

function cleanPosition([lon, lat, height]: Position, box: BoundingBox): Position {
  if (!(Math.abs(lon) <= 180 && Math.abs(lat) <= 90)) {
    throw new RangeError(
      `expected a longitude within 180 and a latitude within 90 degrees, got ${lon}, ${lat}`,
    )
  }
  const flat = [rounded(lon, degreeDecimals), rounded(lat, degreeDecimals)] as const
  box.add(...flat)
  if (height === undefined) return flat
  if (!Number.isFinite(height)) throw new RangeError(`expected a finite height, got ${height}`)
  return [...flat, rounded(height, heightDecimals)]
}

/** Closed and wound as asked: anticlockwise outside, clockwise inside. */
function cleanRing(ring: Position[], outer: boolean): Position[] {
  const [first, last] = [ring[0], ring.at(-1)]
  const closed = first && last && first.every((value, i) => value === last[i])
  const whole = first && !closed ? [...ring, first] : ring
  if (whole.length < 4) throw new RangeError(`expected a ring of at least 4 positions, got ${whole.length}`)
  return signedArea(whole) > 0 === outer ? whole : whole.reverse()
}

/** Twice the area in square degrees, positive when anticlockwise; taken from the first corner to keep digits. */
function signedArea(ring: readonly Position[]): number {
  const [originLon, originLat] = ring[0]!
  let sum = 0
  for (let i = 0; i + 1 < ring.length; i++) {
    const [a, b] = [ring[i]!, ring[i + 1]!]
    sum += (a[0] - originLon) * (b[1] - originLat) - (b[0] - originLon) * (a[1] - originLat)
  }
  return sum
}

class BoundingBox {
  private south = Infinity
  private north = -Infinity
  // Eastern and western longitudes apart: a set on both sides of the antimeridian is small only across it.
  private readonly east = { low: Infinity, high: -Infinity }
  private readonly west = { low: Infinity, high: -Infinity }

  add(lon: number, lat: number): void {
    const side = lon >= 0 ? this.east : this.west
    side.low = Math.min(side.low, lon)
    side.high = Math.max(side.high, lon)
    this.south = Math.min(this.south, lat)
    this.north = Math.max(this.north, lat)
  }

  toJson(): [west: number, south: number, east: number, north: number] | undefined {
    if (this.south > this.north) return undefined
    const [west, east] = this.longitudes()
    return [west, this.south, east, this.north]
  }

  private longitudes(): [west: number, east: number] {
    const [low, high] = [Math.min(this.west.low, this.east.low), Math.max(this.west.high, this.east.high)]
    const bothSides = this.west.low < 0 && this.east.high >= 0
    const across = this.west.high + 360 - this.east.low
    return bothSides && across < high - low ? [this.east.low, this.west.high] : [low, high]
  }
}

function rounded(value: number, decimals: number): number {
  // `+ 0` turns -0, which JSON would keep as `-0` in some readers, into 0.
  return Number(value.toFixed(decimals)) + 0
}
