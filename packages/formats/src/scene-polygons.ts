// Polygons2D and Polygons3D: an outer boundary and holes, of vertices that are listed once. Boundaries are not closed:
// the last vertex is not the first. What Polygons3D look like is nowhere published; we take them for Polygons2D with z.
import { keyed, listOf, numbered } from './scene-collections.ts'
import { SceneFault } from './scene-fault.ts'
import { point2D, point3D } from './scene-geometry.ts'
import { labelInfo } from './scene-objects.ts'
import { checked, optional, record, type Shape, type ShapeValue } from './scene-shape.ts'
import { number, wholeNumber } from './scene-values.ts'

const boundary = record({ VertexIds: listOf(wholeNumber) })

function polygonOf<P>(position: Shape<P>) {
  const polygon = record({
    LabelInfo: labelInfo,
    /** Without holes, in square units of the reference system. */
    Area: number,
    Vertices: numbered(record({ Position: position })),
    OuterBoundary: boundary,
    InnerBoundaries: optional(listOf(boundary)),
    SRSId: optional(wholeNumber),
  })
  return checked(polygon, ({ Vertices, OuterBoundary, InnerBoundaries = [] }) => {
    SceneFault.within('OuterBoundary', () => refuseUnknown(OuterBoundary.VertexIds, Vertices))
    for (const [i, { VertexIds }] of InnerBoundaries.entries())
      SceneFault.within('InnerBoundaries', () =>
        SceneFault.within(i, () => refuseUnknown(VertexIds, Vertices)),
      )
  })
}

function refuseUnknown(ids: readonly number[], vertices: ReadonlyMap<string, unknown>): void {
  const i = ids.findIndex((id) => !vertices.has(String(id)))
  if (i < 0) return
  const fault = new SceneFault('a vertex of this polygon', String(ids[i]))
  throw SceneFault.inside('VertexIds', SceneFault.inside(i, fault))
}

function polygonsOf<P>(position: Shape<P>) {
  return record({
    SRSId: optional(wholeNumber),
    Polygons: keyed(polygonOf(position)),
  })
}

export const polygons2D = polygonsOf(point2D)
export const polygons3D = polygonsOf(point3D)
type PolygonIn<S> = ShapeValue<S> extends { readonly Polygons: ReadonlyMap<string, infer P> } ? P : never
export type ScenePolygon2D = PolygonIn<typeof polygons2D>
export type ScenePolygon3D = PolygonIn<typeof polygons3D>
