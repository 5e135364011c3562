// What a change detection found, set beside what is true of an example scene.
import type { ExampleTruth } from '@alidade/jobs'

type TrueChange = ExampleTruth['changes'][number]

/** A feature of `exportedLocations3DGeoJSON`, as far as it is looked at here. */
export interface FoundChange {
  geometry: { coordinates: readonly number[] }
  properties: { label: string; volumeCubicMetres?: number; volumeUncertainty95?: number }
}

export interface Comparison {
  pairs: { truth: TrueChange; found: FoundChange; awayMetres: number }[]
  /** True, but not found. */
  missed: TrueChange[]
  /** Found, but not true. */
  untrue: FoundChange[]
}

/**
 * Pairs the nearest middles in plan, nearest pair first, each change at most once. Those further apart than the
 * change is long are not the same thing.
 */
export function compareWithTruth(found: readonly FoundChange[], truth: readonly TrueChange[]): Comparison {
  const candidates = truth.flatMap((truth) =>
    found.map((found) => ({ truth, found, awayMetres: planDistanceMetres(truth, found) })),
  )
  candidates.sort((one, other) => one.awayMetres - other.awayMetres)
  const pairs: Comparison['pairs'] = []
  for (const pair of candidates) {
    if (pair.awayMetres > Math.max(pair.truth.lengthMetres, pair.truth.widthMetres)) continue
    if (pairs.some(({ truth, found }) => truth === pair.truth || found === pair.found)) continue
    pairs.push(pair)
  }
  return {
    // In the order of the truth.
    pairs: truth.flatMap((change) => pairs.filter(({ truth }) => truth === change)),
    missed: truth.filter((change) => !pairs.some(({ truth }) => truth === change)),
    untrue: found.filter((change) => !pairs.some(({ found }) => found === change)),
  }
}

/** For people, within 80 columns: a table, and a sentence on what is not in it. */
export function describeComparison({ pairs, missed, untrue }: Comparison): string[] {
  const table = [['what is true', 'found as', 'volume ± 95 %', 'true volume', 'error', 'away']]
  for (const { truth, found, awayMetres } of pairs) {
    const { label, volumeCubicMetres: volume, volumeUncertainty95: uncertainty } = found.properties
    const difference = volume === undefined ? undefined : 100 * (volume / truth.volumeCubicMetres - 1)
    table.push([
      truth.what,
      label === truth.kind ? label : `${label} (wrong)`,
      volume === undefined ? 'none' : `${volume.toFixed(1)} ± ${uncertainty?.toFixed(1) ?? '?'} m³`,
      `${truth.volumeCubicMetres.toFixed(1)} m³`,
      difference === undefined ? '' : `${difference >= 0 ? '+' : ''}${difference.toFixed(1)} %`,
      `${awayMetres.toFixed(2)} m`,
    ])
  }
  const rows = aligned(table)
  if (pairs.length > 0) rows.push('(± as far as scatter explains it; away: from middle to middle, in plan)')
  rows.push('')
  rows.push(
    missed.length === 0 ? 'Missed: nothing.' : `Missed: ${missed.map(({ what }) => what).join(', ')}.`,
  )
  rows.push(untrue.length === 0 ? 'Found but not true: nothing.' : 'Found but not true:')
  for (const { geometry, properties } of untrue) {
    const [longitude = Number.NaN, latitude = Number.NaN] = geometry.coordinates
    const volume = properties.volumeCubicMetres?.toFixed(1) ?? '?'
    rows.push(`  ${properties.label}, ${volume} m³, at ${latitude.toFixed(6)}, ${longitude.toFixed(6)}`)
  }
  return rows
}

/** The first two columns start, the others end, at the same place in every row. */
function aligned(table: readonly (readonly string[])[]): string[] {
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)))
  return table.map((row) =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  )
}

/**
 * On a site: degrees times their length on the WGS 84 ellipsoid at this latitude: the usual series, good to
 * centimetres per degree, and here to micrometres.
 */
function planDistanceMetres(truth: TrueChange, { geometry }: FoundChange): number {
  const [longitude = Number.NaN, latitude = Number.NaN] = geometry.coordinates
  const phi = (truth.latitude * Math.PI) / 180
  const northPerDegree = 111_132.92 - 559.82 * Math.cos(2 * phi) + 1.175 * Math.cos(4 * phi)
  const eastPerDegree = 111_412.84 * Math.cos(phi) - 93.5 * Math.cos(3 * phi) + 0.118 * Math.cos(5 * phi)
  return Math.hypot(
    (longitude - truth.longitude) * eastPerDegree,
    (latitude - truth.latitude) * northPerDegree,
  )
}
