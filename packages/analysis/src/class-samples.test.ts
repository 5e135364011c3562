import { expect, test } from 'vitest'
import { ClassSamples } from './class-samples.ts'

test('points of one class in a cube become their mean, those of another stay apart, and other classes are not kept', () => {
  const samples = new ClassSamples({ size: 1, origin: [500_000, 5_000_000, 100], codes: [6, 14] })
  samples.add(6, 500_010.1, 5_000_020.2, 100.2)
  samples.add(6, 500_010.3, 5_000_020.4, 100.8)
  samples.add(6, 500_011.5, 5_000_020.5, 100.5)
  samples.add(14, 500_010.2, 5_000_020.3, 100.5)
  samples.add(2, 500_010.2, 5_000_020.3, 100.5)
  expect([samples.count, samples.countOf(6), samples.countOf(14), samples.countOf(2)]).toEqual([3, 2, 1, 0])
  const { points, confidence } = samples.take([6])
  expect(points.x[0]).toBeCloseTo(500_010.2, 5)
  expect(points.y[0]).toBeCloseTo(5_000_020.3, 5)
  expect(points.z[0]).toBeCloseTo(100.5, 5)
  expect(points.x[1]).toBeCloseTo(500_011.5, 5)
  expect(confidence).toBeUndefined()
  expect(samples.countOf(6)).toBe(0)
})

test('confidences are means too, through any number of samples', () => {
  const samples = new ClassSamples({ size: 1, origin: [0, 0, 0], codes: [6], withConfidence: true })
  for (let i = 0; i < 5000; i++) {
    samples.add(6, i + 0.2, 0.5, 0.5, 0.25)
    samples.add(6, i + 0.8, 0.5, 0.5, 0.75)
  }
  const { points, confidence } = samples.take([6])
  expect(points.x).toHaveLength(5000)
  expect(points.x[4999]).toBeCloseTo(4999.5, 4)
  expect(confidence!.every((value) => Math.abs(value - 0.5) < 1e-6)).toBe(true)
})

test('a point too far from the others is refused', () => {
  const samples = new ClassSamples({ size: 0.25, origin: [0, 0, 0], codes: [6] })
  expect(() => samples.add(6, 1e12, 0, 0)).toThrow(RangeError)
})
