/** A place with buildings, looked at in parts. */
import { expect, test } from 'vitest'
import { buildingOutlines } from './building-outlines.ts'
import type { Footprints } from './building-footprints.ts'
import { type BuildingCells, cellsOfBuildings, JoinedBuildings, joinSteps } from './joined-buildings.ts'
import { atOnce } from './pace.ts'

/** Two buildings that touch by a corner, of which one is an L, and one far off. */
const plan = { cellSize: 0.5, firstColumn: -3, firstRow: 7, columns: 40, rows: 20 }
function place(): Footprints {
  const building = new Uint32Array(plan.columns * plan.rows)
  const put = (number: number, left: number, below: number, right: number, above: number) => {
    for (let row = below; row < above; row++)
      for (let column = left; column < right; column++) building[row * plan.columns + column] = number
  }
  put(1, 2, 2, 18, 6)
  put(1, 2, 6, 8, 12)
  put(3, 8, 12, 15, 17)
  put(2, 30, 3, 38, 15)
  const roofTop = Float32Array.from(building, (number, at) => (number > 0 ? number + at / 1e4 : -Infinity))
  return { plan, building, buildings: 3, roofTop, roof: { x: new Float64Array(0), y: new Float64Array(0) } }
}

async function outlinesOf(footprints: AsyncIterable<Footprints>) {
  const outlines = []
  for await (const one of footprints) {
    const { outer, inner, height } = buildingOutlines(one)[0]!
    outlines.push({ outer: outer.map(([x, y]) => [x.toFixed(6), y.toFixed(6)]), inner, height })
  }
  return outlines
}

test('parts cut through buildings, and what is joined has the outlines of the whole, in its order', async () => {
  const whole = place()
  const expected = buildingOutlines(whole).map(({ outer, inner, height }) => ({
    outer: outer.map(([x, y]) => [x.toFixed(6), y.toFixed(6)]),
    inner,
    height,
  }))
  const parts: BuildingCells[] = []
  for (const [left, right] of [
    [3, Infinity],
    [-Infinity, 0.6],
    [0.6, 3],
  ] as const)
    for (const [below, above] of [
      [-Infinity, 6.25],
      [6.25, Infinity],
    ] as const)
      parts.push(cellsOfBuildings(whole, (x, y) => x >= left && x < right && y >= below && y < above))
  expect(parts.filter(({ rows }) => rows.length > 0).length).toBeGreaterThan(4)
  let told = 0
  const joined = await JoinedBuildings.of(parts, plan.cellSize, async (done) => {
    told += done
  })
  expect(joined.count).toBe(3)
  expect(told).toBe(joinSteps * joined.cells)
  expect(await outlinesOf(joined.footprints(whole.roof, atOnce))).toEqual(expected)
  // The middle of the far one, and beside it.
  expect(joined.at((plan.firstColumn + 33.5) * 0.5, (plan.firstRow + 8.5) * 0.5)).toBe(2)
  expect(joined.at((plan.firstColumn + 28.5) * 0.5, (plan.firstRow + 8.5) * 0.5)).toBe(0)
})
