// Many unknowns, none below zero.

/**
 * The `x >= 0` with the least sum of squares of `rows * x - values`, by coordinate descent (one unknown after the other is
 * set to its best, until all are), which for unknowns that may not be negative is as simple as it is exact.
 */
export function leastSquares(rows: readonly (readonly number[])[], values: readonly number[]): number[] {
  const x = new Array<number>(rows[0]?.length ?? 0).fill(0)
  const left = [...values]
  const lengths = x.map((_, j) => rows.reduce((sum, row) => sum + row[j]! ** 2, 0))
  for (let turn = 0; turn < 20_000; turn++) {
    for (let j = 0; j < x.length; j++) {
      if (lengths[j] === 0) continue
      const slope = rows.reduce((sum, row, i) => sum + row[j]! * left[i]!, 0)
      const better = Math.max(0, x[j]! + slope / lengths[j]!)
      for (const [i, row] of rows.entries()) left[i]! -= row[j]! * (better - x[j]!)
      x[j] = better
    }
  }
  return x
}
