import { expect, test } from 'vitest'
import { askedVectors, codesFor, vectorClasses } from './vector-classes.ts'

const kinds = ['objects3D', 'lines3D', 'polygons3D'] as const
const codes = (labels: Parameters<typeof vectorClasses>[0]) =>
  Object.fromEntries(kinds.map((output) => [output, codesFor(vectorClasses(labels), [output])]))

test('without labels the codes of ASPRS say what is made, and others are nothing', () => {
  expect(codes([])).toEqual({ objects3D: [3, 4, 5, 6, 15], lines3D: [13, 14, 16], polygons3D: [6] })
})

test('of labels without flags all but ground, noise and the unclassified count', () => {
  const labelled = [0, 1, 2, 6, 7, 9, 14, 17, 18].map((code) => ({ code, name: `class ${code}` }))
  expect(codes(labelled)).toEqual({ objects3D: [6, 9, 17], lines3D: [14], polygons3D: [6, 9, 17] })
})

test('one flag on any label is enough for all to be taken at their word', () => {
  const labels = [
    { code: 2, name: 'ground', contour: true },
    { code: 6, name: 'building' },
    { code: 64, name: 'kerb', line: true, object: false },
  ]
  expect(codes(labels)).toEqual({ objects3D: [], lines3D: [64], polygons3D: [2] })
})

test('labels of one class share what they feed, and their names', () => {
  const classes = vectorClasses([
    { code: 64, name: 'kerb', line: true },
    { code: 64, name: 'rail', object: true },
  ])
  expect([...classes]).toEqual([[64, { name: 'kerb, rail', object: true, contour: false, line: true }]])
})

test('classes that feed nothing that was asked for are not looked at', () => {
  expect(askedVectors(['exportedLines3DGeoJSON', 'lines3D'])).toEqual(['lines3D'])
  expect(codesFor(vectorClasses([]), ['lines3D'])).toEqual([13, 14, 16])
})
