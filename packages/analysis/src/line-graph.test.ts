import { expect, test } from 'vitest'
import { chainsOf, lineGraph } from './line-graph.ts'
import { linkedSamples } from './linked-samples.ts'
import { atOnce } from './pace.ts'

const points = (places: [number, number, number][]) => ({
  x: Float64Array.from(places, ([x]) => x),
  y: Float64Array.from(places, ([, y]) => y),
  z: Float64Array.from(places, ([, , z]) => z),
})
const all = (places: unknown[]) => Uint32Array.from(places, (_, i) => i)

/** Two rows of samples, 0.4 apart, along a line from one place to another. */
function rows([ax, ay]: [number, number], [bx, by]: [number, number]): [number, number, number][] {
  const length = Math.hypot(bx - ax, by - ay)
  const [ux, uy] = [(bx - ax) / length, (by - ay) / length]
  return Array.from({ length: Math.round(5 * length) }, (_, i) => {
    const side = i % 2 === 0 ? 0.2 : -0.2
    return [ax + (i / 5) * ux - side * uy, ay + (i / 5) * uy + side * ux, 10]
  })
}

test('a line with a corner is one chain of its length, as wide as its samples lie', () => {
  const places = [...rows([1e5, 0], [1e5 + 20, 0]), ...rows([1e5 + 20, 0], [1e5 + 20, 15])]
  const graph = lineGraph(points(places), all(places), { step: 2, withWidth: true })!
  expect(Math.abs(graph.length - 35)).toBeLessThan(1)
  expect(chainsOf(graph.segments)).toHaveLength(1)
  // Four deviations of 0.2 m.
  const middle = [...graph.diameters].sort((a, b) => a - b)[graph.diameters.length >> 1]!
  expect(Math.abs(middle - 0.8)).toBeLessThan(0.15)
  expect(
    lineGraph(points(places), all(places), { step: 2, withWidth: false })!.diameters.every((d) => d === 0),
  ).toBe(true)
})

test('a branching is a vertex where three chains meet, and breadth is no branch', () => {
  const places = [...rows([0, 1], [30, 1]), ...rows([15, 1], [15, 12])]
  const graph = lineGraph(points(places), all(places), { step: 2, withWidth: false })!
  const chains = chainsOf(graph.segments)
  expect(chains).toHaveLength(3)
  expect(chains.flat().length).toBe(graph.segments.length + chains.length)
  const beside: [number, number, number][] = [4, 14, 24].flatMap((x) => [
    [x, 3.2, 10],
    [x, 3.4, 10],
  ])
  const broad = [...rows([0, 1], [30, 1]), ...beside]
  expect(
    chainsOf(lineGraph(points(broad), all(broad), { step: 2, withWidth: false })!.segments),
  ).toHaveLength(1)
})

test('what is shorter than a step is no line', () => {
  const places = rows([0, 0], [1, 0])
  expect(lineGraph(points(places), all(places), { step: 2, withWidth: false })).toBeUndefined()
})

test('samples belong together as far as the link reaches, in plan whatever their height', async () => {
  const places: [number, number, number][] = [
    [0, 0, 0],
    [0.5, 0, 0],
    [5, 0, 0],
    [5, 0.2, 9],
    [0, 0, 30],
  ]
  const groups = async (inPlan: boolean) =>
    (await linkedSamples(points(places), { link: 1, inPlan, pace: atOnce })).map((group) => [...group])
  expect(await groups(false)).toEqual([[0, 1], [2], [3], [4]])
  expect(await groups(true)).toEqual([
    [0, 1, 4],
    [2, 3],
  ])
  const isTaken = Uint8Array.of(0, 1, 1, 0, 0)
  const some = await linkedSamples(points(places), { link: 1, isTaken, pace: atOnce })
  expect(some.map((group) => [...group])).toEqual([[1], [2]])
})
