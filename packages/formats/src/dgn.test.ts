import { expect, test } from 'vitest'
import { type DesignFeature, dgnChunks } from './dgn.ts'
import { setDFloat } from './dgn-numbers.ts'
import { dFloat, readDgn } from './read-dgn.fixture.ts'

const written = (features: readonly DesignFeature[]) => Buffer.concat([...dgnChunks(features, 'm')])
const middle = [500_000.25, 5_400_000.5, 310.125] as const
const circle = (radius: number, corners: number) =>
  Array.from({ length: corners }, (_, i) => {
    const angle = (2 * Math.PI * i) / corners
    const [x, y, z] = middle
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle), z] as const
  })
const elementsOf = (features: readonly DesignFeature[]) => readDgn(written(features)).slice(4)

test('a file begins with its settings, the digitizer, the symbology of levels and the colours', () => {
  const elements = readDgn(written([]))
  expect(elements.map(({ type, level }) => [type, level])).toEqual([
    [9, 8],
    [8, 0],
    [10, 0],
    [5, 1],
  ])
  // Three dimensions, and 1536 bytes of settings, which programs know such files by.
  expect([...written([]).subarray(0, 4)]).toEqual([0xc8, 0x09, 0xfe, 0x02])
})

test('lines and areas are where they were to a thousandth of a unit, far from the origin too, each in its range', () => {
  const [outer, inner] = [circle(10, 6), circle(3, 4)]
  const line = circle(20, 5)
  const elements = elementsOf([
    { level: 6, areas: [[outer, inner]] },
    { level: 14, lines: [line] },
  ])
  expect(elements.map(({ type, level, group, isHole }) => [type, level, group, isHole])).toEqual([
    [6, 6, 1, false],
    [6, 6, 1, true],
    [4, 14, 2, false],
  ])
  const expected = [[...outer, outer[0]!], [...inner, inner[0]!], line]
  for (const [i, { vertices, low, high }] of elements.entries()) {
    expect(vertices).toHaveLength(expected[i]!.length)
    for (const [j, vertex] of vertices.entries())
      for (const axis of [0, 1, 2]) expect(vertex[axis]).toBeCloseTo(expected[i]![j]![axis]!, 2.99)
    for (const axis of [0, 1, 2]) {
      expect(low[axis]).toBeCloseTo(Math.min(...vertices.map((vertex) => vertex[axis]!)), 6)
      expect(high[axis]).toBeCloseTo(Math.max(...vertices.map((vertex) => vertex[axis]!)), 6)
    }
  }
})

test('what has more than 101 vertices is a complex element whose parts meet', () => {
  for (const [count, feature] of [
    [350, { level: 14, lines: [circle(20, 350)] }],
    [251, { level: 6, areas: [[circle(20, 250)]] }],
  ] as const) {
    const [head, ...parts] = elementsOf([feature])
    expect(head).toMatchObject({ type: 'lines' in feature ? 12 : 14, isPartOfComplex: false })
    expect(parts.every(({ type, isPartOfComplex }) => type === 4 && isPartOfComplex)).toBe(true)
    for (const [i, { vertices }] of parts.entries()) {
      expect(vertices.length).toBeLessThanOrEqual(101)
      if (i > 0) expect(vertices[0]).toEqual(parts[i - 1]!.vertices.at(-1))
    }
    expect(parts.reduce((sum, { vertices }) => sum + vertices.length - 1, 1)).toBe(count)
  }
})

test('a line longer than a complex element holds goes on in another one of its group', () => {
  const elements = elementsOf([{ level: 14, lines: [circle(500, 25_000)] }])
  const heads = elements.filter(({ type }) => type === 12)
  expect(heads.length).toBeGreaterThan(1)
  expect(new Set(heads.map(({ group }) => group))).toEqual(new Set([1]))
  const parts = elements.filter(({ type }) => type === 4)
  expect(parts.reduce((sum, { vertices }) => sum + vertices.length - 1, 1)).toBe(25_000)
})

test('what no design file can hold is refused', () => {
  const far = [[0, 0, 0], [5e6, 0, 0]] as const // biome-ignore format: places
  expect(() => written([{ level: 1, lines: [far] }])).toThrow(
    'expected at most 4000000 units across, got 5000000',
  )
  expect(() => written([{ level: 1, lines: [[[0, 0, Number.NaN], [1, 0, 0]]] }])).toThrow('finite') // biome-ignore format: places
  expect(() => written([{ level: 1, lines: [[middle]] }])).toThrow('at least 2 places in a line, got 1')
  expect(() => written([{ level: 1, areas: [[circle(1, 2)]] }])).toThrow(
    'at least 3 corners in a ring, got 2',
  )
  expect(() => written([{ level: 64, lines: [circle(1, 4)] }])).toThrow('a level of 1 to 63, got 64')
})

test('floating-point numbers are those of the VAX, without loss', () => {
  const view = new DataView(new ArrayBuffer(8))
  const bytesOf = (value: number) => {
    setDFloat(view, 0, value)
    return Buffer.from(view.buffer).toString('hex')
  }
  // 1 is 1/2 times 2^1, with 129 for its exponent; 0 is all zeros.
  expect(bytesOf(1)).toBe('8040000000000000')
  expect(bytesOf(-1)).toBe('80c0000000000000')
  expect(bytesOf(0)).toBe('0000000000000000')
  for (const value of [Math.PI, -5_400_000_500.125, 1e-30, 2 ** 53 + 1, -1.7e38]) {
    setDFloat(view, 0, value)
    expect(dFloat(view, 0)).toBe(value)
  }
  expect(() => setDFloat(view, 0, 1e39)).toThrow(RangeError)
})
