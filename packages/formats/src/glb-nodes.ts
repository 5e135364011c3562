// The tree of nodes of a glTF file: every primitive of its scene with the matrix that puts it in its place.
import { FormatError } from './format-error.ts'
import { entryAt } from './glb-accessors.ts'
import { integerAt, objectAt } from './json-shape.ts'
import type { JsonObject } from './json-shape.ts'

/** Twelve numbers: three rows of a matrix, each with what is added behind it. */
export type Placement = readonly number[]

export type PlacedPrimitive = {
  readonly primitive: JsonObject
  readonly path: string
  readonly placement: Placement
  /** 0 points, 1 to 3 lines, 4 triangles, 5 a strip of them, 6 a fan. */
  readonly mode: number
}

/** glTF has y up; z is up here: x, -z, y. */
const upright: Placement = [1, 0, 0, 0, 0, 0, -1, 0, 0, 1, 0, 0]
const mostPrimitives = 1_000_000

export function placedPrimitives(json: JsonObject): PlacedPrimitive[] {
  const placed: PlacedPrimitive[] = []
  const visited = new Set<number>()
  const waiting = rootsOf(json).map((index) => ({ index, parent: upright, place: '$.scenes' }))
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { entry: node, path } = entryAt(json, 'nodes', next.index, next.place)
    const index = next.index as number
    if (visited.has(index)) throw new FormatError('Corrupt', path, 'expected one parent of a node, got more')
    visited.add(index)
    const placement = times(next.parent, placementOf(node, path))
    if (node.mesh !== undefined) addPrimitives(json, node.mesh, `${path}.mesh`, placement, placed)
    const children = listAt(node, 'children', path)
    // The last is taken first.
    for (const child of children.toReversed())
      waiting.push({ index: child, parent: placement, place: `${path}.children` })
  }
  if (visited.size === 0) {
    const meshes = Array.isArray(json.meshes) ? json.meshes.length : 0
    for (let mesh = 0; mesh < meshes; mesh++) addPrimitives(json, mesh, '$.meshes', upright, placed)
  }
  return placed
}

/** Nodes of the scene that is shown; of no scene, those without a parent. Last first. */
function rootsOf(json: JsonObject): unknown[] {
  if (Array.isArray(json.scenes) && json.scenes.length > 0) {
    const { entry, path } = entryAt(json, 'scenes', json.scene ?? 0, '$.scene')
    return listAt(entry, 'nodes', path).toReversed()
  }
  const nodes = Array.isArray(json.nodes) ? json.nodes : []
  const children = new Set(
    nodes.flatMap((node, i) => listAt(objectAt(node, `$.nodes[${i}]`), 'children', `$.nodes[${i}]`)),
  )
  return [...nodes.keys()].filter((index) => !children.has(index)).reverse()
}

function addPrimitives(
  json: JsonObject,
  mesh: unknown,
  place: string,
  placement: Placement,
  into: PlacedPrimitive[],
): void {
  const { entry, path } = entryAt(json, 'meshes', mesh, place)
  for (const [i, value] of listAt(entry, 'primitives', path).entries()) {
    const primitivePath = `${path}.primitives[${i}]`
    const primitive = objectAt(value, primitivePath)
    const mode = primitive.mode === undefined ? 4 : integerAt(primitive, 'mode', primitivePath)
    if (mode < 0 || mode > 6)
      throw new FormatError('Invalid', `${primitivePath}.mode`, `expected 0 to 6, got ${mode}`)
    if (into.length === mostPrimitives)
      throw new FormatError(
        'Unsupported',
        primitivePath,
        `expected at most ${mostPrimitives} primitives, got more`,
      )
    into.push({ primitive, path: primitivePath, placement, mode })
  }
}

function listAt(object: JsonObject, key: string, path: string): unknown[] {
  const list = object[key]
  if (list === undefined) return []
  if (!Array.isArray(list))
    throw new FormatError('Invalid', `${path}.${key}`, 'expected a list, got something else')
  return list
}

function placementOf(node: JsonObject, path: string): Placement {
  if (node.matrix !== undefined) {
    // Column by column.
    const m = numbersAt(node, 'matrix', path, 16)
    return [0, 1, 2].flatMap((row) => [m[row]!, m[4 + row]!, m[8 + row]!, m[12 + row]!])
  }
  const [tx, ty, tz] = numbersAt(node, 'translation', path, 3, [0, 0, 0]) as [number, number, number]
  const scale = numbersAt(node, 'scale', path, 3, [1, 1, 1]) as [number, number, number]
  const [x, y, z, w] = numbersAt(node, 'rotation', path, 4, [0, 0, 0, 1]) as [number, number, number, number]
  const rows = [
    [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y), tx],
    [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x), ty],
    [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y), tz],
  ]
  return rows.flatMap((row) => [row[0]! * scale[0], row[1]! * scale[1], row[2]! * scale[2], row[3]!])
}

function numbersAt(
  node: JsonObject,
  key: string,
  path: string,
  count: number,
  absent?: readonly number[],
): readonly number[] {
  const value = node[key]
  if (value === undefined && absent) return absent
  if (!Array.isArray(value) || value.length !== count || !value.every((number) => Number.isFinite(number)))
    throw new FormatError('Invalid', `${path}.${key}`, `expected ${count} numbers, got something else`)
  return value
}

function times(a: Placement, b: Placement): Placement {
  return [0, 4, 8].flatMap((row) =>
    [0, 1, 2, 3].map(
      (column) =>
        a[row]! * b[column]! +
        a[row + 1]! * b[4 + column]! +
        a[row + 2]! * b[8 + column]! +
        (column === 3 ? a[row + 3]! : 0),
    ),
  )
}

/** Puts `count` points into place. */
export function placePoints(
  m: Placement,
  x: Float64Array,
  y: Float64Array,
  z: Float64Array,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const [px, py, pz] = [x[i]!, y[i]!, z[i]!]
    x[i] = m[0]! * px + m[1]! * py + m[2]! * pz + m[3]!
    y[i] = m[4]! * px + m[5]! * py + m[6]! * pz + m[7]!
    z[i] = m[8]! * px + m[9]! * py + m[10]! * pz + m[11]!
  }
}
