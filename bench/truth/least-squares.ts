// Two unknowns, neither below zero.

/** `[p, q]` with p, q >= 0 for which p * row[0] + q * row[1] comes closest to the values, in the sum of squares. */
export function leastSquares(
  rows: readonly (readonly [number, number])[],
  values: readonly number[],
): [number, number] {
  const sum = (of: (row: readonly [number, number], value: number) => number) =>
    rows.reduce((total, row, i) => total + of(row, values[i]!), 0)
  const [pp, pq, qq] = [sum(([p]) => p * p), sum(([p, q]) => p * q), sum(([, q]) => q * q)]
  const [pv, qv] = [sum(([p], value) => p * value), sum(([, q], value) => q * value)]
  const determinant = pp * qq - pq * pq
  // Runs with one number of threads only cannot tell the two apart.
  if (determinant > 1e-9 * pp * qq) {
    const [p, q] = [(pv * qq - qv * pq) / determinant, (qv * pp - pv * pq) / determinant]
    if (p >= 0 && q >= 0) return [p, q]
  }
  // One of them is zero: the one without which the other fits better.
  const [alone, shared] = [pp > 0 ? pv / pp : 0, qq > 0 ? qv / qq : 0]
  const left = (p: number, q: number) => sum((row, value) => (p * row[0] + q * row[1] - value) ** 2)
  return left(alone, 0) <= left(0, shared) ? [alone, 0] : [0, shared]
}
