/** One point for each voxel that has any: the first that came. */

export type VoxelGrid = {
  /** A corner of the first voxel, not above any point. */
  readonly origin: readonly [number, number, number]
  /** Of a voxel, in the units of each axis. */
  readonly size: readonly [number, number, number]
}

/** 24 bytes a voxel, and up to 16 more to find it again. */
const firstCapacity = 1 << 12

export class PointVoxels {
  readonly grid: VoxelGrid
  count = 0
  /** Three numbers a voxel: its column, row and layer, and where in it its point is, from 0 to 1. */
  cells = new Int32Array(3 * firstCapacity)
  fractions = new Float32Array(3 * firstCapacity)
  /** Voxels by the hash of their cell, from 1; 0: a free place. At most half of them are taken. */
  #places: Int32Array

  /**
   * `expected`: voxels for which there is room to find them again from the beginning, since to make more takes long where there are
   * many. RangeError for sizes that make no voxels.
   */
  constructor(grid: VoxelGrid, expected = firstCapacity) {
    if (!grid.size.every((size) => size > 0 && size < Infinity)) {
      throw new RangeError(`voxels need positive sizes, got ${grid.size.join(', ')}`)
    }
    this.grid = grid
    this.#places = placesFor(Math.max(firstCapacity, expected))
  }

  /** The voxel of a point, which is this point's from now on if it was nobody's. RangeError for one beyond 2^31 voxels. */
  add(x: number, y: number, z: number): number {
    const { origin, size } = this.grid
    const u = (x - origin[0]) / size[0]
    const v = (y - origin[1]) / size[1]
    const w = (z - origin[2]) / size[2]
    const column = Math.floor(u)
    const row = Math.floor(v)
    const layer = Math.floor(w)
    // Written so that NaN does not pass.
    if (!(Math.max(Math.abs(column), Math.abs(row), Math.abs(layer)) < 2 ** 31)) {
      throw new RangeError(`point (${x}, ${y}, ${z}) is too far from the first voxel`)
    }
    const place = this.#placeOf(column, row, layer)
    const known = this.#places[place]!
    if (known !== 0) return known - 1
    const voxel = this.count
    if (3 * voxel === this.cells.length) this.#grow()
    this.cells[3 * voxel] = column
    this.cells[3 * voxel + 1] = row
    this.cells[3 * voxel + 2] = layer
    this.fractions[3 * voxel] = u - column
    this.fractions[3 * voxel + 1] = v - row
    this.fractions[3 * voxel + 2] = w - layer
    this.count++
    this.#places[place] = this.count
    if (2 * this.count > this.#places.length) this.#rehash()
    return voxel
  }

  /** The voxel of a point; -1 where none was added. */
  find(x: number, y: number, z: number): number {
    const { origin, size } = this.grid
    return this.at(
      Math.floor((x - origin[0]) / size[0]),
      Math.floor((y - origin[1]) / size[1]),
      Math.floor((z - origin[2]) / size[2]),
    )
  }

  at(column: number, row: number, layer: number): number {
    return this.#places[this.#placeOf(column, row, layer)]! - 1
  }

  /** Where the point of a voxel is from the origin along an axis. */
  offset(voxel: number, axis: 0 | 1 | 2): number {
    const i = 3 * voxel + axis
    return (this.cells[i]! + this.fractions[i]!) * this.grid.size[axis]
  }

  /** Where the cell is, or would be. */
  #placeOf(column: number, row: number, layer: number): number {
    const { cells } = this
    const places = this.#places
    const mask = places.length - 1
    let place = hash(column, row, layer) & mask
    for (;;) {
      const known = places[place]!
      if (known === 0) return place
      const i = 3 * known - 3
      if (cells[i] === column && cells[i + 1] === row && cells[i + 2] === layer) return place
      place = (place + 1) & mask
    }
  }

  #grow(): void {
    const [cells, fractions] = [this.cells, this.fractions]
    this.cells = new Int32Array(2 * cells.length)
    this.cells.set(cells)
    this.fractions = new Float32Array(2 * fractions.length)
    this.fractions.set(fractions)
  }

  #rehash(): void {
    const { cells } = this
    this.#places = placesFor(this.#places.length)
    for (let voxel = 0; voxel < this.count; voxel++) {
      const place = this.#placeOf(cells[3 * voxel]!, cells[3 * voxel + 1]!, cells[3 * voxel + 2]!)
      this.#places[place] = voxel + 1
    }
  }
}

/** A table at most half of which so many voxels take. A power of two, as the mask that picks a place of it takes for granted. */
function placesFor(voxels: number): Int32Array {
  return new Int32Array(2 ** Math.ceil(Math.log2(2 * voxels)))
}

function hash(column: number, row: number, layer: number): number {
  let h = Math.imul(column, 0x9e3779b1) ^ Math.imul(row, 0x85ebca6b) ^ Math.imul(layer, 0xc2b2ae35)
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d)
  return (h ^ (h >>> 13)) >>> 0
}
