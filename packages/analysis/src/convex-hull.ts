/**
 * Corners of the convex hull in plan, counter-clockwise from the lowest x (then y), without points on its edges
 * (monotone chain, Andrew 1979). One corner for coinciding points, two for collinear ones.
 */
export function convexHull(x: Float64Array, y: Float64Array): [number, number][] {
  const order = possibleCorners(x, y).sort((a, b) => x[a]! - x[b]! || y[a]! - y[b]!)
  const lower = chain(order, x, y)
  const upper = chain(order.reverse(), x, y)
  const corners = lower.slice(0, -1).concat(upper.slice(0, -1))
  return (corners.length > 0 ? corners : lower.slice(0, 1)).map((i) => [x[i]!, y[i]!])
}

/** Without what lies well within the quadrangle of the points farthest along both diagonals: most, where there are many. */
function possibleCorners(x: Float64Array, y: Float64Array): Uint32Array {
  let [southWest, southEast, northEast, northWest] = [0, 0, 0, 0]
  for (let i = 1; i < x.length; i++) {
    const [sum, difference] = [x[i]! + y[i]!, x[i]! - y[i]!]
    if (sum < x[southWest]! + y[southWest]!) southWest = i
    if (sum > x[northEast]! + y[northEast]!) northEast = i
    if (difference > x[southEast]! - y[southEast]!) southEast = i
    if (difference < x[northWest]! - y[northWest]!) northWest = i
  }
  const corners = [southWest, southEast, northEast, northWest]
  const length = Math.max(x[northEast]! + y[northEast]! - x[southWest]! - y[southWest]!, 0)
  const sides = corners.map((from, k) => {
    const to = corners[(k + 1) % corners.length]!
    return { x: x[from]!, y: y[from]!, dx: x[to]! - x[from]!, dy: y[to]! - y[from]! }
  })
  const isWithin = (i: number) =>
    sides.every((side) => side.dx * (y[i]! - side.y) - side.dy * (x[i]! - side.x) > wellWithin * length ** 2)
  const possible = new Uint32Array(x.length)
  let count = 0
  for (let i = 0; i < x.length; i++) if (!isWithin(i)) possible[count++] = i
  return possible.slice(0, count)
}

/** Far more than what rounding makes of a turn. */
const wellWithin = 1e-9

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
