// What the database of PROJ says of the systems of EPSG (layout 1 of proj.db).
import { DatabaseSync } from 'node:sqlite'

export interface Area {
  west: number
  south: number
  east: number
  north: number
}

export interface ProjSystem {
  code: number
  name: string
  /** Code of the geographic system below a projected one; its own of a geographic one. */
  base: number
  area: Area
}

export interface Helmert {
  code: number
  name: string
  method: number
  accuracyMetres: number | null
  /** As EPSG has them: metres, then rotations and scale in the units of the codes. */
  translation: readonly [number, number, number]
  rotation: readonly [number, number, number] | undefined
  rotationUnit: number | undefined
  scale: number | undefined
  scaleUnit: number | undefined
  area: Area
}

export type ProjDatabase = ReturnType<typeof openProjDatabase>

const extentOf = (table: string, alias: string) => `
  join usage u on u.object_table_name = '${table}' and u.object_auth_name = 'EPSG' and u.object_code = ${alias}.code
  join extent e on e.auth_name = u.extent_auth_name and e.code = u.extent_code`
const box = 'e.west_lon west, e.south_lat south, e.east_lon east, e.north_lat north'

export function openProjDatabase(path = '/usr/share/proj/proj.db') {
  const database = new DatabaseSync(path, { readOnly: true })
  const all = <Row>(sql: string, ...values: string[]) => database.prepare(sql).all(...values) as Row[]
  const metadata = (key: string) =>
    String(all<{ value: string }>('select value from metadata where key = ?', key)[0]?.value)

  return {
    version: { proj: metadata('PROJ.VERSION'), epsg: metadata('EPSG.VERSION') },

    systems(): ProjSystem[] {
      const projected =
        all<SystemRow>(`select c.code, c.name, c.geodetic_crs_code base, ${box} from projected_crs c
        ${extentOf('projected_crs', 'c')} where c.auth_name = 'EPSG' and c.geodetic_crs_auth_name = 'EPSG'`)
      // In degrees, or geocentric.
      const geographic = all<SystemRow>(`select c.code, c.name, c.code base, ${box} from geodetic_crs c
        ${extentOf('geodetic_crs', 'c')} where c.auth_name = 'EPSG' and exists (select * from axis a where a.coordinate_system_auth_name = c.coordinate_system_auth_name
          and a.coordinate_system_code = c.coordinate_system_code and a.uom_auth_name = 'EPSG' and a.uom_code in ('9122', '9001'))`)
      const byCode = new Map(
        [...geographic, ...projected].map((row) => [Number(row.code), systemOf(row)] as const),
      )
      return [...byCode.values()]
    },

    /** To WGS 84 by three or seven parameters. */
    helmerts(base: number): Helmert[] {
      const rows = all<HelmertRow>(
        `select t.*, ${box} from helmert_transformation t ${extentOf('helmert_transformation', 't')}
         where t.auth_name = 'EPSG' and t.deprecated = 0 and t.source_crs_code = ? and t.target_crs_code = '4326'
           and t.method_code in ('9603', '9606', '9607') order by cast(t.code as integer)`,
        String(base),
      )
      return rows.map((row) => ({
        code: Number(row.code),
        name: row.name,
        method: Number(row.method_code),
        accuracyMetres: row.accuracy,
        translation: [row.tx, row.ty, row.tz],
        rotation: row.rx === null ? undefined : [row.rx, row.ry ?? 0, row.rz ?? 0],
        rotationUnit: row.rx === null ? undefined : Number(row.rotation_uom_code),
        scale: row.scale_difference ?? undefined,
        scaleUnit: row.scale_difference === null ? undefined : Number(row.scale_difference_uom_code),
        area: areaOf(row),
      }))
    },

    /** Grids from here to anywhere, with their accuracy and area. */
    grids(base: number): { accuracyMetres: number | null; area: Area }[] {
      const rows = all<Area & { accuracy: number | null }>(
        `select t.accuracy, ${box} from grid_transformation t ${extentOf('grid_transformation', 't')}
         where t.auth_name = 'EPSG' and t.deprecated = 0 and t.source_crs_code = ?
           and t.target_crs_code in ('4326', '4258', '4269', '4283', '7844', '4167', '4612', '4674', '4171', '4148', '4617')
           and t.method_name not like '%height%' and t.method_name not like '%Geog3D%'`,
        String(base),
      )
      return rows.map((row) => ({ accuracyMetres: row.accuracy, area: areaOf(row) }))
    },

    heights(): { code: number; name: string; metres: number }[] {
      const rows = all<{
        code: string
        name: string
        metres: number
      }>(`select v.code, v.name, m.conv_factor metres from vertical_crs v
        join axis a on a.coordinate_system_auth_name = v.coordinate_system_auth_name
          and a.coordinate_system_code = v.coordinate_system_code
        join unit_of_measure m on m.auth_name = a.uom_auth_name and m.code = a.uom_code
        where v.auth_name = 'EPSG' and a.orientation = 'up' order by cast(v.code as integer)`)
      return rows.map(({ code, name, metres }) => ({ code: Number(code), name, metres: Number(metres) }))
    },

    /** Geographic systems with heights above their ellipsoid. */
    threeDimensional(): number[] {
      const rows = all<{ code: string }>(
        `select code from geodetic_crs where auth_name = 'EPSG' and type = 'geographic 3D'`,
      )
      return rows.map(({ code }) => Number(code)).sort((a, b) => a - b)
    },

    /** By the code of a geographic system, what ESRI calls its datum. */
    esriDatums(): { code: number; esri: string }[] {
      const rows = all<{
        code: string
        esri: string
      }>(`select g.code, min(a.alt_name) esri from geodetic_crs g
        join alias_name a on a.table_name = 'geodetic_datum' and a.auth_name = g.datum_auth_name
          and a.code = g.datum_code and a.source = 'ESRI'
        where g.auth_name = 'EPSG' and g.type = 'geographic 2D' group by g.code order by cast(g.code as integer)`)
      return rows.map(({ code, esri }) => ({ code: Number(code), esri }))
    },

    compounds(): { code: number; name: string; horizontal: number; vertical: number }[] {
      const rows = all<{
        code: string
        name: string
        h: string
        v: string
      }>(`select c.code, c.name, c.horiz_crs_code h, c.vertical_crs_code v from compound_crs c
        where c.auth_name = 'EPSG' and c.horiz_crs_auth_name = 'EPSG' and c.vertical_crs_auth_name = 'EPSG'
        order by cast(c.code as integer)`)
      return rows.map(({ code, name, h, v }) => ({
        code: Number(code),
        name,
        horizontal: Number(h),
        vertical: Number(v),
      }))
    },
  }
}

type SystemRow = Area & { code: string; name: string; base: string }
type HelmertRow = Area & {
  code: string
  name: string
  method_code: string
  accuracy: number | null
  tx: number
  ty: number
  tz: number
  rx: number | null
  ry: number | null
  rz: number | null
  rotation_uom_code: string
  scale_difference: number | null
  scale_difference_uom_code: string
}

function systemOf(row: SystemRow): ProjSystem {
  return { code: Number(row.code), name: row.name, base: Number(row.base), area: areaOf(row) }
}

function areaOf({ west, south, east, north }: Area): Area {
  return { west, south, east, north }
}
