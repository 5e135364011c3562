// A Crs from well-known text: the horizontal part carries the transformation, the vertical one is only noted.
import type { Crs, LinearUnit } from './crs.ts'
import { crsFromEpsg, ellipsoidal } from './crs-epsg.ts'
import { checkUsable } from './crs-proj4.ts'
import { FormatError } from './format-error.ts'
import { childNode, nodesOf, numberAt, parseWkt, stringAt } from './wkt-tree.ts'
import type { WktNode } from './wkt-tree.ts'

const kinds: Record<string, Crs['kind']> = {
  PROJCS: 'projected',
  PROJCRS: 'projected',
  PROJECTEDCRS: 'projected',
  GEOGCS: 'geographic',
  GEOGCRS: 'geographic',
  GEOGRAPHICCRS: 'geographic',
  GEODCRS: 'geographic',
  GEODETICCRS: 'geographic',
  GEOCCS: 'geocentric',
  LOCAL_CS: 'local',
  ENGCRS: 'local',
  ENGINEERINGCRS: 'local',
}
const compounds = ['COMPD_CS', 'COMPOUNDCRS']
const wrappers = [...compounds, 'BOUNDCRS', 'SOURCECRS']
const verticals = ['VERT_CS', 'VERTCRS', 'VERTICALCRS', 'VERTCS']

export function looksLikeWkt(text: string): boolean {
  const keyword = /^\s*([A-Za-z_]+)\s*[[(]/.exec(text)?.[1]?.toUpperCase()
  return keyword !== undefined && (keyword in kinds || wrappers.includes(keyword))
}

/** FormatError `Corrupt` for broken text, `Unsupported` for a system without a horizontal part proj4 can use. */
export function crsFromWkt(wkt: string): Crs {
  const root = parseWkt(wkt)
  const horizontal = findNode(root, (node) => node.keyword in kinds)
  if (!horizontal) {
    const problem = `expected a projected, geographic or local system, got ${root.keyword}`
    throw new FormatError('Unsupported', 'WKT', problem)
  }
  const epsg = epsgCode(horizontal)
  const crs = {
    name: stringAt(horizontal, 0) || horizontal.keyword,
    ...(epsg === undefined ? {} : { epsg }),
    wkt,
    linearUnit: linearUnitOf(horizontal),
    ...verticalPart(root),
  }
  const kind = isCartesianGeodetic(horizontal) ? 'geocentric' : kinds[horizontal.keyword]!
  if (kind === 'local' || kind === 'geocentric') return { ...crs, kind }
  // Authority definitions carry datum shifts that most texts leave out; one with another unit is another system.
  const known = epsg === undefined ? undefined : knownCode(epsg)
  if (known?.kind === kind && Math.abs(known.linearUnit.metres - crs.linearUnit.metres) < 1e-9) {
    const { proj4, warning } = known
    return { ...crs, kind, ...(proj4 !== undefined && { proj4 }), ...(warning !== undefined && { warning }) }
  }
  checkUsable(horizontal.text, crs.name)
  const warning = datumWarning(horizontal)
  return { ...crs, kind, proj4: horizontal.text, ...(warning === undefined ? {} : { warning }) }
}

function findNode(node: WktNode, matches: (node: WktNode) => boolean): WktNode | undefined {
  if (matches(node)) return node
  if (!wrappers.includes(node.keyword)) return undefined
  for (const child of nodesOf(node)) {
    const found = findNode(child, matches)
    if (found) return found
  }
  return undefined
}

function verticalPart(root: WktNode): Pick<Crs, 'vertical' | 'verticalUnit'> {
  const node = findNode(root, (candidate) => verticals.includes(candidate.keyword))
  if (!node) return hasEllipsoidalHeights(root) ? { vertical: ellipsoidal } : {}
  const datum = childNode(node, 'VERT_DATUM')
  // A type of datum of OGC 01-009 (annex B).
  if (datum && numberAt(datum, 1) === 2002) return { vertical: ellipsoidal, verticalUnit: linearUnitOf(node) }
  return { vertical: stringAt(node, 0) || node.keyword, verticalUnit: linearUnitOf(node) }
}

/** A geographic system of three axes. */
function hasEllipsoidalHeights(root: WktNode): boolean {
  const system = childNode(findNode(root, (node) => node.keyword in kinds) ?? root, 'CS')
  return system?.children[1] === 3 && String(system.children[0]).toLowerCase() === 'ellipsoidal'
}

function epsgCode(node: WktNode): number | undefined {
  const id = nodesOf(node).find((child) => child.keyword === 'AUTHORITY' || child.keyword === 'ID')
  if (!id || stringAt(id, 0).toUpperCase() !== 'EPSG') return undefined
  return numberAt(id, 1)
}

function knownCode(epsg: number): Crs | undefined {
  try {
    return crsFromEpsg(epsg)
  } catch (error) {
    // A code we do not know is no fault of the text, which says everything itself.
    if (error instanceof FormatError) return undefined
    throw error
  }
}

/** WKT1 and WKT2 state the unit once below the system, older WKT2 writers on each axis. */
function linearUnitOf(node: WktNode): LinearUnit {
  const axis = childNode(node, 'AXIS')
  const unit = childNode(node, 'UNIT', 'LENGTHUNIT') ?? (axis && childNode(axis, 'LENGTHUNIT', 'UNIT'))
  const metres = unit && numberAt(unit, 1)
  const isLength = node.keyword !== 'GEOGCS' && !(kinds[node.keyword] === 'geographic')
  if (!unit || !metres || !(metres > 0) || !isLength) return { name: 'metre', metres: 1 }
  return { name: metres === 1 ? 'metre' : stringAt(unit, 0), metres }
}

function isCartesianGeodetic(node: WktNode): boolean {
  const system = childNode(node, 'CS')
  const geodetic = node.keyword === 'GEODCRS' || node.keyword === 'GEODETICCRS'
  return geodetic && String(system?.children[0]).toLowerCase() === 'cartesian'
}

function datumWarning(horizontal: WktNode): string | undefined {
  const geographic = childNode(horizontal, 'GEOGCS', 'BASEGEOGCRS', 'BASEGEODCRS') ?? horizontal
  const datum = childNode(geographic, 'DATUM', 'ENSEMBLE', 'TRF', 'GEODETICDATUM')
  if (!datum || childNode(datum, 'TOWGS84')) return undefined
  const ellipsoid = childNode(datum, 'SPHEROID', 'ELLIPSOID')
  // The ellipsoids of the satellite era: their datums lie within a metre or two of WGS 84.
  if (ellipsoid && numberAt(ellipsoid, 1) === 6378137) return undefined
  const name = stringAt(datum, 0) || 'unnamed'
  return `No shift from datum ${name} to WGS 84 is known here; longitude and latitude may be off by some 100 m.`
}
