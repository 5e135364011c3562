// Families of EPSG codes that follow a rule: one code per UTM zone.

export type Utm = {
  readonly name: string
  readonly datum: string
  readonly zone: number
  readonly south: boolean
  readonly proj4: string
}

type Family = {
  readonly datum: string
  readonly title: string
  /** Code of zone 0, and the zones the family has. */
  readonly base: number
  readonly zones: readonly [first: number, last: number]
  readonly south?: boolean
  readonly proj4: string
}

const grs80 = '+ellps=GRS80 +towgs84=0,0,0,0,0,0,0'

const families: readonly Family[] = [
  { datum: 'WGS84', title: 'WGS 84 / UTM', base: 32600, zones: [1, 60], proj4: '+datum=WGS84' },
  { datum: 'WGS84', title: 'WGS 84 / UTM', base: 32700, zones: [1, 60], south: true, proj4: '+datum=WGS84' },
  { datum: 'ETRS89', title: 'ETRS89 / UTM', base: 25800, zones: [28, 38], proj4: grs80 },
  { datum: 'NAD83', title: 'NAD83 / UTM', base: 26900, zones: [1, 23], proj4: '+datum=NAD83' },
  { datum: 'NAD83(2011)', title: 'NAD83(2011) / UTM', base: 6329, zones: [1, 19], proj4: grs80 },
  { datum: 'GDA94', title: 'GDA94 / MGA', base: 28300, zones: [48, 58], south: true, proj4: grs80 },
  { datum: 'GDA2020', title: 'GDA2020 / MGA', base: 7800, zones: [46, 59], south: true, proj4: grs80 },
  {
    datum: 'SIRGAS 2000',
    title: 'SIRGAS 2000 / UTM',
    base: 31960,
    zones: [17, 25],
    south: true,
    proj4: grs80,
  },
]

/** The zone behind a code, or undefined when no rule covers it. */
export function utmOfEpsg(epsg: number): Utm | undefined {
  for (const { datum, title, base, zones, south = false, proj4 } of families) {
    const zone = epsg - base
    if (zone < zones[0] || zone > zones[1]) continue
    const hemisphere = title.endsWith('MGA') ? '' : south ? 'S' : 'N'
    return {
      name: `${title} zone ${zone}${hemisphere}`,
      datum,
      zone,
      south,
      proj4: `+proj=utm +zone=${zone}${south ? ' +south' : ''} ${proj4} +units=m +no_defs`,
    }
  }
  return undefined
}
