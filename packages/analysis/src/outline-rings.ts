/** Outlines of pieces of cells, along the edges of the cells. */

export type Ring = [number, number][]

/** Rows and columns of the corners, counter-clockwise around each piece with value `number`, clockwise around its holes. */
export function ringsOf(
  cells: Uint32Array,
  columns: number,
  number: number,
  from: readonly number[],
): Ring[] {
  const isIn = (column: number, row: number) =>
    column >= 0 && column < columns && cells[row * columns + column] === number
  // Edges by their first corner, with the piece on their left; a corner where cells touch has two.
  const edges = new Map<number, [number, number][]>()
  const corner = (column: number, row: number) => row * (columns + 1) + column
  const add = (column: number, row: number, dx: number, dy: number) => {
    const key = corner(column, row)
    const list = edges.get(key)
    if (list === undefined) edges.set(key, [[dx, dy]])
    else list.push([dx, dy])
  }
  for (const at of from) {
    const [column, row] = [at % columns, Math.floor(at / columns)]
    if (!isIn(column, row - 1)) add(column, row, 1, 0)
    if (!isIn(column + 1, row)) add(column + 1, row, 0, 1)
    if (!isIn(column, row + 1)) add(column + 1, row + 1, -1, 0)
    if (!isIn(column - 1, row)) add(column, row + 1, 0, -1)
  }
  const rings: Ring[] = []
  for (const [start, list] of edges) {
    while (list.length > 0) rings.push(follow(start, list.pop()!, edges, columns))
  }
  return rings
}

function follow(
  start: number,
  first: [number, number],
  edges: Map<number, [number, number][]>,
  columns: number,
): Ring {
  const ring: Ring = []
  let [column, row] = [start % (columns + 1), Math.floor(start / (columns + 1))]
  let [dx, dy] = first
  for (;;) {
    column += dx
    row += dy
    const at = row * (columns + 1) + column
    const next = edges.get(at) ?? []
    // The first edge has been taken already: nothing is left where the ring began.
    const isClosed = at === start && next.length === 0
    // Where cells touch by a corner, to the left: they stay apart.
    const left = next.findIndex(([u, v]) => u === -dy && v === dx)
    const taken = isClosed ? first : next.splice(Math.max(0, left), 1)[0]!
    if (taken[0] !== dx || taken[1] !== dy) ring.push([column, row])
    if (isClosed) break
    ;[dx, dy] = taken
  }
  return ring
}

/** Positive where it runs counter-clockwise. */
export function areaOfRing(ring: Ring): number {
  let twice = 0
  for (let i = 0; i < ring.length; i++) {
    const [a, b] = [ring[i]!, ring[(i + 1) % ring.length]!]
    twice += (a[0] - ring[0]![0]) * (b[1] - ring[0]![1]) - (b[0] - ring[0]![0]) * (a[1] - ring[0]![1])
  }
  return twice / 2
}
