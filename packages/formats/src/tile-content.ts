// The content of a tile: one mesh as binary glTF, with a number for each feature and its row in a table.
import type { Vector3 } from './las-coordinates.ts'
import { encodeGlb, GlbBuffer } from './glb.ts'
import { type PropertyColumn, structuralMetadata } from './glb-property-table.ts'
import { middleOf, type TiledDrawing } from './tile-tree.ts'

const vertices = 34962
const elements = 34963
const componentTypes = { float: 5126, unsignedInt: 5125 } as const
const modes = { lines: 1, triangles: 4 } as const

/** In east, north, up about the origin of the tileset, from where the content is moved to its own middle. */
export function encodeTileContent(
  drawings: readonly TiledDrawing[],
  columns: readonly PropertyColumn[],
  colour: readonly [red: number, green: number, blue: number],
): Uint8Array {
  const buffer = new GlbBuffer()
  // Numbers of 32 bits are exact to the millimetre only near zero.
  const origin = middleOf(boxAround(drawings))
  const corners = drawings.reduce((sum, drawing) => sum + drawing.corners.length, 0)
  const positions = new Float32Array(3 * corners)
  const normals = drawings[0]?.normals && new Float32Array(3 * corners)
  const featureIds = new Float32Array(corners)
  const indices = new Uint32Array(drawings.reduce((sum, drawing) => sum + drawing.indices.length, 0))
  let [corner, index] = [0, 0]
  for (const [id, drawing] of drawings.entries()) {
    for (const i of drawing.indices) indices[index++] = corner + i
    for (const [i, [x, y, z]] of drawing.corners.entries()) {
      positions.set(yUp([x - origin[0], y - origin[1], z - origin[2]]), 3 * corner)
      normals?.set(yUp(drawing.normals![i]!), 3 * corner)
      featureIds[corner++] = id
    }
  }
  const accessors: Record<string, unknown>[] = []
  const accessor = (
    array: Float32Array | Uint32Array,
    type: 'SCALAR' | 'VEC3',
    target: number,
    more = {},
  ) => {
    const componentType = array instanceof Float32Array ? componentTypes.float : componentTypes.unsignedInt
    const count = array.length / (type === 'VEC3' ? 3 : 1)
    accessors.push({ bufferView: buffer.add(array, target), componentType, count, type, ...more })
    return accessors.length - 1
  }
  const attributes = {
    POSITION: accessor(positions, 'VEC3', vertices, rangeOf(positions)),
    ...(normals && { NORMAL: accessor(normals, 'VEC3', vertices) }),
    _FEATURE_ID_0: accessor(featureIds, 'SCALAR', vertices),
  }
  const primitive = {
    attributes,
    indices: accessor(indices, 'SCALAR', elements),
    mode: normals ? modes.triangles : modes.lines,
    material: 0,
    extensions: {
      EXT_mesh_features: { featureIds: [{ featureCount: drawings.length, attribute: 0, propertyTable: 0 }] },
    },
  }
  const rows = drawings.map(({ properties }) => properties)
  // Lines have no side that light could fall on.
  const unlit = normals ? {} : { extensions: { KHR_materials_unlit: {} } }
  const json = {
    extensionsUsed: [
      'EXT_mesh_features',
      'EXT_structural_metadata',
      ...(normals ? [] : ['KHR_materials_unlit']),
    ],
    extensions: { EXT_structural_metadata: structuralMetadata(columns, rows, buffer) },
    scene: 0,
    scenes: [{ nodes: [0] }],
    nodes: [{ mesh: 0, translation: yUp(origin) }],
    meshes: [{ primitives: [primitive] }],
    materials: [
      {
        pbrMetallicRoughness: { baseColorFactor: [...colour, 1], metallicFactor: 0, roughnessFactor: 1 },
        doubleSided: true,
        ...unlit,
      },
    ],
    accessors,
  }
  return encodeGlb(json, buffer)
}

/** glTF has y up; who reads 3D Tiles turns it back. */
function yUp([east, north, up]: Vector3): [x: number, y: number, z: number] {
  // `+ 0`: no minus zero.
  return [east, up, -north + 0]
}

/** As the numbers of 32 bits that are stored, which readers compare with. */
function rangeOf(positions: Float32Array): { min: number[]; max: number[] } {
  const [min, max] = [new Float32Array(3).fill(Infinity), new Float32Array(3).fill(-Infinity)]
  for (const [i, value] of positions.entries()) {
    const axis = i % 3
    if (value < min[axis]!) min[axis] = value
    if (value > max[axis]!) max[axis] = value
  }
  return { min: [...min], max: [...max] }
}

function boxAround(drawings: readonly TiledDrawing[]): { min: Vector3; max: Vector3 } {
  const axes = [0, 1, 2] as const
  const extreme = (side: 'min' | 'max') =>
    axes.map((axis) =>
      drawings.reduce((so, one) => Math[side](so, one[side][axis]), side === 'min' ? Infinity : -Infinity),
    )
  return { min: extreme('min') as [number, number, number], max: extreme('max') as [number, number, number] }
}
