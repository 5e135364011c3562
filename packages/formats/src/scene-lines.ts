// Lines2D and Lines3D: graphs, whose vertices have a diameter each, and segments between any two of them.
import { keyed, listOf, numbered } from './scene-collections.ts'
import { SceneFault } from './scene-fault.ts'
import { point2D, point3D } from './scene-geometry.ts'
import { labelInfo } from './scene-objects.ts'
import { checked, optional, record, type Shape, type ShapeValue } from './scene-shape.ts'
import { number, text, wholeNumber } from './scene-values.ts'

function lineOf<P>(position: Shape<P>) {
  const line = record({
    LabelInfo: labelInfo,
    /** In units of the reference system, as the diameters are. */
    Length: number,
    MeanDiameter: number,
    MaxDiameter: number,
    Vertices: numbered(record({ Position: position, Diameter: number })),
    Segments: listOf(record({ VertexId1: wholeNumber, VertexId2: wholeNumber })),
    SRSId: optional(wholeNumber),
  })
  return checked(line, ({ Vertices, Segments }) => {
    for (const [i, { VertexId1, VertexId2 }] of Segments.entries()) {
      const unknown = [VertexId1, VertexId2].find((id) => !Vertices.has(String(id)))
      if (unknown === undefined) continue
      const fault = new SceneFault('vertices of this line', String(unknown))
      throw SceneFault.inside('Segments', SceneFault.inside(i, fault))
    }
  })
}

function linesOf<P>(position: Shape<P>) {
  return record({
    SRSId: optional(wholeNumber),
    /** Of versions that had the lines in a file of their own. */
    Path: optional(text),
    Lines: keyed(lineOf(position)),
  })
}

export const lines2D = linesOf(point2D)
export const lines3D = linesOf(point3D)
type LineIn<S> = ShapeValue<S> extends { readonly Lines: ReadonlyMap<string, infer L> } ? L : never
export type SceneLine2D = LineIn<typeof lines2D>
export type SceneLine3D = LineIn<typeof lines3D>
