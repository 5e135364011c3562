/**
 * Corners of the convex hull in plan, counter-clockwise from the lowest x (then y), without points on its edges
 * (monotone chain, Andrew 1979). One corner for coinciding points, two for collinear ones.
 */
export function convexHull(x: Float64Array, y: Float64Array): [number, number][] {
  const order = Uint32Array.from(x, (_, i) => i).sort((a, b) => x[a]! - x[b]! || y[a]! - y[b]!)
  const lower = chain(order, x, y)
  const upper = chain(order.reverse(), x, y)
  const corners = lower.slice(0, -1).concat(upper.slice(0, -1))
  return (corners.length > 0 ? corners : lower.slice(0, 1)).map((i) => [x[i]!, y[i]!])
}

/** From the first to the last point of the order, turning left only. */
function chain(order: Uint32Array, x: Float64Array, y: Float64Array): number[] {
  const corners: number[] = []
  for (const i of order) {
    const last = corners.at(-1)
    if (last !== undefined && x[last] === x[i] && y[last] === y[i]) continue
    while (corners.length >= 2) {
      const [a, b] = [corners.at(-2)!, corners.at(-1)!]
      const turn = (x[b]! - x[a]!) * (y[i]! - y[a]!) - (y[b]! - y[a]!) * (x[i]! - x[a]!)
      if (turn > 0) break
      corners.pop()
    }
    corners.push(i)
  }
  return corners
}
