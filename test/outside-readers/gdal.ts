// What GDAL makes of a file of vectors.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)
const large = { maxBuffer: 1 << 28 }

export interface GdalLayer {
  /** Its own words, for the kind of geometry and the reference system. */
  summary: string
  /** What it warned of while it read. */
  complaints: string
  features: { geometry: { type: string; coordinates: unknown }; properties: Record<string, unknown> }[]
}

/** Coordinates as the file has them, in the order x, y, z; or as GDAL takes them from its system to that of `target`. */
export async function readByGdal(path: string, target?: string): Promise<GdalLayer> {
  const info = await run('ogrinfo', ['-ro', '-so', '-al', path], large)
  // Its texts of GeoJSON would turn to WGS 84 by themselves: the file is told to be in it already, and nothing moves.
  const system = target === undefined ? ['-a_srs', 'EPSG:4326'] : ['-t_srs', target]
  const precise = ['-lco', 'RFC7946=NO', '-lco', 'COORDINATE_PRECISION=15']
  const features = await run('ogr2ogr', ['-f', 'GeoJSON', '/vsistdout/', path, ...system, ...precise], large)
  return {
    summary: info.stdout,
    complaints: info.stderr + features.stderr,
    features: JSON.parse(features.stdout).features,
  }
}
