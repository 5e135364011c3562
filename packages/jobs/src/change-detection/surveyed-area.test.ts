import type { PointArrays } from '@alidade/analysis'
import { expect, test } from 'vitest'
import { surveyedArea } from './surveyed-area.ts'

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

/** Indices of the points whose place fulfils `where`. */
function indicesWhere({ x, y }: PointArrays, where: (x: number, y: number) => boolean): Uint32Array {
  return Uint32Array.from([...x.keys()].filter((i) => where(x[i]!, y[i]!)))
}

test('points beyond the edge of the other survey are beyond it, however narrow their strip', () => {
  const smaller = surveyedArea(lattice(100), cellSize)
  for (const width of [1, 3, 6, 50]) {
    const larger = lattice(100 + width)
    const strip = indicesWhere(larger, (x, y) => x >= 100 || y >= 100)
    expect(smaller.shareBeyond(larger, strip)).toBe(1)
  }
})

test('points in a hole in the midst of the other survey are not beyond it', () => {
  const hole = (x: number, y: number) => x >= 30 && x < 60 && y >= 40 && y < 70
  const survey = surveyedArea(lattice(100, hole), cellSize)
  const whole = lattice(100)
  expect(survey.shareBeyond(whole, indicesWhere(whole, hole))).toBe(0)
})

test('a bay in the edge of a survey is beyond it', () => {
  const bay = (x: number, y: number) => x >= 50 && y >= 40 && y < 70
  const survey = surveyedArea(lattice(100, bay), cellSize)
  const whole = lattice(100)
  expect(survey.shareBeyond(whole, indicesWhere(whole, bay))).toBeGreaterThan(0.9)
})

test('points among the points of the other survey are not beyond it, and no points are not either', () => {
  const cloud = lattice(100)
  const survey = surveyedArea(cloud, cellSize)
  const inside = indicesWhere(cloud, (x, y) => x > 20 && x < 60 && y > 20 && y < 60)
  expect(survey.shareBeyond(cloud, inside)).toBe(0)
  expect(survey.shareBeyond(cloud, new Uint32Array(0))).toBe(0)
})

test('a single stray point far away changes nothing', () => {
  const cloud = lattice(100)
  const strayed = { x: Float64Array.of(...cloud.x, 1e7), y: Float64Array.of(...cloud.y, -1e7), z: cloud.z }
  const larger = lattice(110)
  const strip = indicesWhere(larger, (x) => x >= 100)
  expect(surveyedArea(strayed, cellSize).shareBeyond(larger, strip)).toBe(1)
})
