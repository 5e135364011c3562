import { expect, test } from 'vitest'
import { mergeClasses, pointClasses, unknownClasses } from './point-scores.ts'

const options = { points: 2, wanted: 2, classes: 3, labels: [0, 2], byClass: false, areLogits: true }

test('the best of the labels wins, as sure as softmax over all classes says', () => {
  const { labels, confidences } = pointClasses([1, 5, 2, 0, -1, -Infinity], options)
  expect([...labels]).toEqual([1, 0])
  const [e1, e2, e5] = [Math.exp(1), Math.exp(2), Math.exp(5)]
  expect(confidences[0]).toBeCloseTo(e2 / (e1 + e2 + e5), 6)
  expect(confidences[1]).toBeCloseTo(1 / (1 + Math.exp(-1)), 6)
})

test('scores by classes are the same turned over, and scores of thousands do not overflow', () => {
  const byPoint = pointClasses([9000, 0, 8999, 1, 2, 3], options)
  expect(byPoint.confidences[0]).toBeCloseTo(1 / (1 + Math.exp(-1)), 6)
  expect(pointClasses([9000, 1, 0, 2, 8999, 3], { ...options, byClass: true })).toEqual(byPoint)
})

test('of equal scores the first label counts, and only the points that are wanted are looked at', () => {
  const { labels } = pointClasses([4, 0, 4, Number.NaN, 0, 0], { ...options, wanted: 1 })
  expect([...labels]).toEqual([0])
})

test.each([
  [[0, Number.NaN, 0, 0, 0, 0], true, 'point 0 and class 1 have the score NaN'],
  [[0, 0, 0, Number.POSITIVE_INFINITY, 0, 0], true, 'point 1 and class 0 have the score Infinity'],
  [[-Infinity, 0, -Infinity, 0, 0, 0], true, 'point 0 has no score above -Infinity'],
  [[0.2, 0.2, 1.1, 0, 0, 0], false, 'point 0 and class 2 have the score 1.1'],
  [[0.2, 0.2], false, 'expected 2 x 3 scores, got 2'],
])('scores %j (logits: %s) are refused', (scores, areLogits, problem) => {
  expect(() => pointClasses(scores, { ...options, areLogits })).toThrow(problem)
})

test('where blocks overlap the surer one counts, in whichever order they come', () => {
  const found = [
    [Uint16Array.of(3, 1), Float32Array.of(0.5, 0.75), Int32Array.of(0, 1)],
    [Uint16Array.of(2, 4), Float32Array.of(0.5, 0.5), Int32Array.of(0, 1)],
    [Uint16Array.of(0), Float32Array.of(0), Int32Array.of(2)],
  ] as const
  for (const order of [found, found.toReversed()]) {
    const merged = unknownClasses(3)
    for (const [labels, confidences, voxels] of order) mergeClasses(merged, { labels, confidences }, voxels)
    expect([...merged.labels]).toEqual([2, 1, 0])
    expect([...merged.confidences]).toEqual([0.5, 0.75, 0])
  }
})
