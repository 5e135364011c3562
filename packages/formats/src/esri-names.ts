// What ESRI calls datums and spheroids in well-known text: names of its own for things that OGC and EPSG name too.
import type { Crs } from './crs.ts'
import { utmOfEpsg } from './crs-utm.ts'
import { epsgSystem, esriDatumOf, isEsriDatum } from './epsg-table.ts'
import { childNode, nodesOf, parseWkt, stringAt } from './wkt-tree.ts'
import type { WktNode } from './wkt-tree.ts'

/** By the datum of a UTM family, the name of a WKT datum without its separators, or proj4's code; lower case. */
const datumNames: Readonly<Record<string, string>> = {
  wgs84: 'WGS_1984',
  wgs1984: 'WGS_1984',
  worldgeodeticsystem1984: 'WGS_1984',
  worldgeodeticsystem1984ensemble: 'WGS_1984',
  etrs89: 'ETRS_1989',
  europeanterrestrialreferencesystem1989: 'ETRS_1989',
  europeanterrestrialreferencesystem1989ensemble: 'ETRS_1989',
  nad83: 'North_American_1983',
  northamericandatum1983: 'North_American_1983',
  'nad83(2011)': 'NAD_1983_2011',
  nad83nationalspatialreferencesystem2011: 'NAD_1983_2011',
  nad27: 'North_American_1927',
  northamericandatum1927: 'North_American_1927',
  gda94: 'GDA_1994',
  geocentricdatumofaustralia1994: 'GDA_1994',
  gda2020: 'GDA2020',
  geocentricdatumofaustralia2020: 'GDA2020',
  sirgas2000: 'SIRGAS_2000',
  osgb36: 'OSGB_1936',
  osgb1936: 'OSGB_1936',
  potsdam: 'Deutsches_Hauptdreiecksnetz',
  hermannskogel: 'MGI',
  nzgd49: 'New_Zealand_1949',
  carthage: 'Carthage',
  ggrs87: 'GGRS_1987',
  ire65: 'TM65',
}

const spheroids = [
  { name: 'WGS_1984', a: 6378137, inverseFlattening: 298.257223563 },
  { name: 'GRS_1980', a: 6378137, inverseFlattening: 298.257222101 },
  { name: 'Bessel_1841', a: 6377397.155, inverseFlattening: 299.1528128 },
  { name: 'International_1924', a: 6378388, inverseFlattening: 297 },
  { name: 'Airy_1830', a: 6377563.396, inverseFlattening: 299.3249646 },
  { name: 'Clarke_1866', a: 6378206.4, inverseFlattening: 294.9786982 },
  { name: 'Krasovsky_1940', a: 6378245, inverseFlattening: 298.3 },
] as const

/** With the figures it is defined by where it is a known one: computed ones differ in the last digits. */
export function esriSpheroid(a: number, b: number): { name: string; a: number; inverseFlattening: number } {
  const inverseFlattening = a === b ? 0 : a / (a - b)
  const off = (one: (typeof spheroids)[number]) => Math.abs(one.inverseFlattening - inverseFlattening)
  const [nearest] = spheroids.filter((one) => Math.abs(one.a - a) < 0.01).sort((p, q) => off(p) - off(q))
  const known = nearest && off(nearest) < 1e-4 ? nearest : undefined
  return known ?? { name: 'Spheroid', a, inverseFlattening }
}

/** Name of the datum without the `D_` that goes before it; by its spheroid where the system does not say. */
export function esriDatum(crs: Crs, projDatum: string | undefined, spheroid: string): string {
  const said = crs.wkt === undefined ? undefined : esriDatumInWkt(crs.wkt)
  return knownDatum(crs, projDatum) ?? (said || `Unknown_based_on_${spheroid}`)
}

/**
 * The datum that a system names, by a code or in words, as ESRI calls it; undefined where it names none that is known here.
 * `projDatum`: what proj4 calls it.
 */
export function knownDatum(crs: Crs, projDatum = projDatumOf(crs)): string | undefined {
  const system = crs.epsg === undefined ? undefined : epsgSystem(crs.epsg)
  const geographic = system?.geographic ?? crs.geographicEpsg
  const byCode = geographic === undefined ? undefined : esriDatumOf(geographic)
  if (byCode !== undefined) return byCode
  const family = crs.epsg === undefined ? undefined : utmOfEpsg(crs.epsg)?.datum
  const stated = crs.wkt === undefined ? undefined : wktDatum(crs.wkt)
  const found = [family, stated, projDatum].map((name) => name && datumNames[key(name)]).find(Boolean)
  if (found !== undefined) return found
  const said = crs.wkt === undefined ? undefined : esriDatumInWkt(crs.wkt)
  return said !== undefined && isEsriDatum(said) ? said : undefined
}

function projDatumOf({ proj4 }: Crs): string | undefined {
  return proj4 === undefined ? undefined : /\+datum=(\S+)/.exec(proj4)?.[1]
}

function esriDatumInWkt(wkt: string): string | undefined {
  const stated = wktDatum(wkt)
  return stated && esriName(stated).replace(/^D_/, '')
}

/** Letters, digits, `+` and underscores, as in `WGS_1984_UTM_Zone_32N`. */
export function esriName(name: string): string {
  return name
    .replace(/[^\w+]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 80)
}

function key(name: string): string {
  return name
    .toLowerCase()
    .replace(/[\s_-]+/g, '')
    .replace(/^d(?=wgs|etrs)/, '')
}

function wktDatum(wkt: string): string | undefined {
  const search = (node: WktNode): WktNode | undefined => {
    const own = childNode(node, 'DATUM', 'ENSEMBLE', 'TRF', 'GEODETICDATUM')
    if (own) return own
    for (const child of nodesOf(node)) {
      const found = search(child)
      if (found) return found
    }
    return undefined
  }
  const datum = search(parseWkt(wkt))
  return datum && (stringAt(datum, 0) || undefined)
}
