// Steps of grey-scale morphology on rasters of 32-bit floats, four cells at once. AssemblyScript: `npm run build:kernels`.
//
// A raster lies in memory row by row, `stride` cells a row, with a row above, a row below and at least a cell on either side that
// are Infinity; `at` is the address of its first cell. Rows are worked on in fours, so that up to three cells right of the last
// are written as well; they are made Infinity again. Infinity takes no part anywhere: it is what lies outside, or is not known.

/** Lowest of a cell and the four beside it. */
export function erodeByCross(from: usize, to: usize, columns: i32, rows: i32, stride: i32): void {
  const rowBytes = (<usize>stride) << 2
  for (let row = 0; row < rows; row++) {
    const end = from + ((<usize>columns) << 2)
    let target = to
    for (let cell = from; cell < end; cell += 16, target += 16) {
      const level = f32x4.pmin(f32x4.pmin(v128.load(cell), v128.load(cell - 4)), v128.load(cell, 4))
      v128.store(
        target,
        f32x4.pmin(f32x4.pmin(level, v128.load(cell - rowBytes)), v128.load(cell + rowBytes)),
      )
    }
    closeRow(to, columns)
    from += rowBytes
    to += rowBytes
  }
}

/** Lowest of a cell and the eight around it. */
export function erodeBySquare(from: usize, to: usize, columns: i32, rows: i32, stride: i32): void {
  const rowBytes = (<usize>stride) << 2
  for (let row = 0; row < rows; row++) {
    const end = from + ((<usize>columns) << 2)
    let target = to
    for (let cell = from; cell < end; cell += 16, target += 16) {
      const level = lowestOfThree(cell)
      v128.store(
        target,
        f32x4.pmin(f32x4.pmin(level, lowestOfThree(cell - rowBytes)), lowestOfThree(cell + rowBytes)),
      )
    }
    closeRow(to, columns)
    from += rowBytes
    to += rowBytes
  }
}

/** Changes the sign of everything but Infinity: the lowest of what comes out are the highest of what went in. */
export function turnOver(from: usize, to: usize, columns: i32, rows: i32, stride: i32): void {
  const rowBytes = (<usize>stride) << 2
  const outside = f32x4.splat(f32.MAX_VALUE)
  for (let row = 0; row < rows; row++) {
    const bytes = (<usize>columns) << 2
    for (let at: usize = 0; at < bytes; at += 16) {
      const heights = v128.load(from + at)
      v128.store(to + at, v128.bitselect(heights, f32x4.neg(heights), f32x4.gt(heights, outside)))
    }
    closeRow(to, columns)
    from += rowBytes
    to += rowBytes
  }
}

/** Makes a cell of `marks` all ones where `before` is above `after` by more than `limit`, and leaves the others. */
export function markDrops(
  before: usize,
  after: usize,
  marks: usize,
  columns: i32,
  rows: i32,
  stride: i32,
  limit: f32,
): void {
  const rowBytes = (<usize>stride) << 2
  const limits = f32x4.splat(limit)
  for (let row = 0; row < rows; row++) {
    const bytes = (<usize>columns) << 2
    for (let at: usize = 0; at < bytes; at += 16) {
      const drop = f32x4.sub(v128.load(before + at), v128.load(after + at))
      v128.store(marks + at, v128.or(v128.load(marks + at), f32x4.gt(drop, limits)))
    }
    before += rowBytes
    after += rowBytes
    marks += rowBytes
  }
}

function lowestOfThree(cell: usize): v128 {
  return f32x4.pmin(f32x4.pmin(v128.load(cell), v128.load(cell - 4)), v128.load(cell, 4))
}

function closeRow(row: usize, columns: i32): void {
  for (let column = columns; (column & 3) !== 0; column++) f32.store(row + ((<usize>column) << 2), Infinity)
}
