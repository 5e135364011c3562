import { expect, test } from 'vitest'
import { BinnedPoints, fittedRing } from './outline-fit.ts'
import { mainDirection, rightAngledRing } from './outline-right-angles.ts'
import { areaOfRing, type Ring, ringsOf } from './outline-rings.ts'
import { simplifiedRing } from './outline-simplify.ts'
import { seededRandom } from './random-points.fixture.ts'

const cellsOf = (rows: string[]) => {
  const cells = Uint32Array.from(rows.join(''), (mark) => (mark === '#' ? 1 : 0))
  return { cells, columns: rows[0]!.length, from: [...cells.keys()].filter((at) => cells[at] === 1) }
}

test('a piece with a hole has a ring around it and one the other way round around the hole', () => {
  const { cells, columns, from } = cellsOf(['.....', '.###.', '.#.#.', '.###.', '.....'])
  const rings = ringsOf(cells, columns, 1, from)
  expect(rings.map(areaOfRing).sort()).toEqual([-1, 9])
  expect(rings.map((ring) => ring.length)).toEqual([4, 4])
})

test('cells that touch by a corner only have rings of their own', () => {
  const { cells, columns, from } = cellsOf(['....', '.#..', '..#.', '....'])
  expect(ringsOf(cells, columns, 1, from).map(areaOfRing)).toEqual([1, 1])
})

/** The cells, one unit wide, whose middles lie in a rectangle that is turned. */
function turnedRectangle(radians: number, length: number, width: number) {
  const size = 60
  const cells = new Uint32Array(size * size)
  const from: number[] = []
  for (let at = 0; at < cells.length; at++) {
    const [x, y] = [(at % size) + 0.5 - size / 2, Math.floor(at / size) + 0.5 - size / 2]
    const u = x * Math.cos(radians) + y * Math.sin(radians)
    const v = y * Math.cos(radians) - x * Math.sin(radians)
    if (Math.abs(u) > length / 2 || Math.abs(v) > width / 2) continue
    cells[at] = 1
    from.push(at)
  }
  return ringsOf(cells, size, 1, from)
}

test.each([0, 10, 33, 45, 77])(
  'the stairs of a rectangle turned by %i degrees become its four edges',
  (degrees) => {
    const radians = (degrees * Math.PI) / 180
    const [stairs] = turnedRectangle(radians, 40, 24)
    const simple = simplifiedRing(stairs!, 1.1)
    const direction = mainDirection([simple])
    const off = Math.abs(Math.sin(2 * (direction - radians)))
    expect(off).toBeLessThan(Math.sin((2 * 3 * Math.PI) / 180))
    const ring = rightAngledRing(simple, direction, 1.1)
    expect(ring).toHaveLength(4)
    expect(Math.abs(areaOfRing(ring) - 960) / 960).toBeLessThan(0.05)
  },
)

test('edges go to where the points end, by parts of a cell', () => {
  const random = seededRandom(2)
  const ring: Ring = [
    [0, 0],
    [20, 0],
    [20, 12],
    [0, 12],
  ]
  const points: Ring = Array.from({ length: 8000 }, () => [0.7 + 18.8 * random(), 0.2 + 11.5 * random()])
  const fitted = fittedRing(ring, new BinnedPoints(points))
  const low = (axis: 0 | 1) => Math.min(...fitted.map((corner) => corner[axis]))
  const high = (axis: 0 | 1) => Math.max(...fitted.map((corner) => corner[axis]))
  expect(low(0)).toBeCloseTo(0.7, 1)
  expect(high(0)).toBeCloseTo(19.5, 1)
  expect(low(1)).toBeCloseTo(0.2, 1)
  expect(high(1)).toBeCloseTo(11.7, 1)
})
