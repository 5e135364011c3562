import type { PointArrays } from '@alidade/analysis'
import { expect, test } from 'vitest'
import { type SurveyedArea, surveyedArea } from './surveyed-area.ts'

const cellSize = 4

/** A lattice of one point per square unit from 0 to `side`, without the places that `hole` names. */
function lattice(side: number, hole: (x: number, y: number) => boolean = () => false): PointArrays {
  const places: [number, number][] = []
  for (let x = 0; x < side; x++) for (let y = 0; y < side; y++) if (!hole(x, y)) places.push([x, y])
  return {
    x: Float64Array.from(places, ([x]) => x),
    y: Float64Array.from(places, ([, y]) => y),
    z: new Float64Array(places.length),
  }
}

/** Share of the given points that lie beyond the edge of the area. */
function shareBeyond(area: SurveyedArea, points: PointArrays, indices: Uint32Array): number {
  return indices.filter((i) => area.isBeyond(points.x[i]!, points.y[i]!)).length / indices.length
}

/** Indices of the points whose place fulfils `where`. */
function indicesWhere({ x, y }: PointArrays, where: (x: number, y: number) => boolean): Uint32Array {
  return Uint32Array.from([...x.keys()].filter((i) => where(x[i]!, y[i]!)))
}

test('points beyond the edge of the other survey are beyond it, however narrow their strip', async () => {
  const smaller = await surveyedArea(lattice(100), cellSize)
  for (const width of [1, 3, 6, 50]) {
    const larger = lattice(100 + width)
    const strip = indicesWhere(larger, (x, y) => x >= 100 || y >= 100)
    expect(shareBeyond(smaller, larger, strip)).toBe(1)
  }
})

test('points in a hole in the midst of the other survey are not beyond it', async () => {
  const hole = (x: number, y: number) => x >= 30 && x < 60 && y >= 40 && y < 70
  const survey = await surveyedArea(lattice(100, hole), cellSize)
  const whole = lattice(100)
  expect(shareBeyond(survey, whole, indicesWhere(whole, hole))).toBe(0)
})

test('a bay in the edge of a survey is beyond it', async () => {
  const bay = (x: number, y: number) => x >= 50 && y >= 40 && y < 70
  const survey = await surveyedArea(lattice(100, bay), cellSize)
  const whole = lattice(100)
  expect(shareBeyond(survey, whole, indicesWhere(whole, bay))).toBeGreaterThan(0.9)
})

test('a small part of a large hole is in the hole', async () => {
  const hole = (x: number, y: number) => x >= 100 && x < 300 && y >= 100 && y < 300
  const survey = await surveyedArea(lattice(400, hole), cellSize)
  expect(survey.isBeyond(200, 200)).toBe(false)
  expect(survey.isBeyond(101, 299)).toBe(false)
})

test('a hole with a way out wider than three cells is beyond the edge', async () => {
  const withWay = (width: number) => (x: number, y: number) =>
    (x >= 100 && x < 200 && y >= 100 && y < 200) || (x >= 150 && Math.abs(y - 150) < width / 2)
  expect((await surveyedArea(lattice(300, withWay(8)), cellSize)).isBeyond(150, 150)).toBe(false)
  expect((await surveyedArea(lattice(300, withWay(30)), cellSize)).isBeyond(150, 150)).toBe(true)
})

test('points well within the other survey are not beyond it', async () => {
  const survey = await surveyedArea(lattice(100), cellSize)
  for (let place = 12; place < 88; place += 0.7) expect(survey.isBeyond(place, 99 - place)).toBe(false)
})

test('a single stray point far away changes nothing', async () => {
  const cloud = lattice(100)
  const strayed = { x: Float64Array.of(...cloud.x, 1e7), y: Float64Array.of(...cloud.y, -1e7), z: cloud.z }
  const larger = lattice(110)
  const strip = indicesWhere(larger, (x) => x >= 100)
  expect(shareBeyond(await surveyedArea(strayed, cellSize), larger, strip)).toBe(1)
})
