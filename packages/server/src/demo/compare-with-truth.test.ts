import type { ExampleTruth } from '@alidade/jobs'
import { expect, test } from 'vitest'
import { compareWithTruth, describeComparison, type FoundChange } from './compare-with-truth.ts'

type TrueChange = ExampleTruth['changes'][number]

// On the WGS 84 ellipsoid at 53 degrees north 1e-5 degrees are 1.1130 m of a meridian and 0.6714 m of a parallel.
const longitude = 9
const latitude = 53

const truck: TrueChange = {
  what: 'truck that left',
  kind: 'disappeared',
  lengthMetres: 8,
  widthMetres: 2.5,
  heightMetres: 3,
  volumeCubicMetres: 60,
  volumeFormula: 'length x width x height',
  east: 500_000,
  north: 5_872_000,
  longitude,
  latitude,
}
const heap: TrueChange = { ...truck, what: 'heap that grew', kind: 'appeared', latitude: latitude + 30e-5 }

function change(label: string, east: number, north: number, volumeCubicMetres = 60): FoundChange {
  const coordinates = [longitude + east * 1e-5, latitude + north * 1e-5, 31]
  return { geometry: { coordinates }, properties: { label, volumeCubicMetres, volumeUncertainty95: 0.5 } }
}

test('each change is paired with the nearest middle, and the distance is one in metres', () => {
  const found = [change('appeared', 1, 30), change('disappeared', 0, 1)]
  const { pairs, missed, untrue } = compareWithTruth(found, [truck, heap])
  expect(pairs.map(({ truth, found: one }) => [truth.what, found.indexOf(one)])).toEqual([
    ['truck that left', 1],
    ['heap that grew', 0],
  ])
  expect(pairs[0]!.awayMetres).toBeCloseTo(1.113, 3)
  expect(pairs[1]!.awayMetres).toBeCloseTo(0.6714, 3)
  expect([missed, untrue]).toEqual([[], []])
})

test('of two that are near the nearer one is the change, and the other is not true', () => {
  const [near, nearer] = [change('disappeared', 3, 0), change('disappeared', 2, 0)]
  const { pairs, untrue } = compareWithTruth([near, nearer], [truck])
  expect(pairs.map(({ found }) => found)).toEqual([nearer])
  expect(untrue).toEqual([near])
})

test('what lies further away than the change is long is another thing', () => {
  const found = [change('disappeared', 0, 7.3)]
  const { pairs, missed, untrue } = compareWithTruth(found, [truck])
  expect([pairs, missed, untrue]).toEqual([[], [truck], found])
})

test('the table says kind, volume, truth, difference and distance', () => {
  const rows = describeComparison(compareWithTruth([change('disappeared', 1, 0, 63)], [truck]))
  expect(rows).toEqual([
    'what is true     found as     volume ± 95 %  true volume   error    away',
    'truck that left  disappeared  63.0 ± 0.5 m³      60.0 m³  +5.0 %  0.67 m',
    '(± as far as scatter explains it; away: from middle to middle, in plan)',
    '',
    'Missed: nothing.',
    'Found but not true: nothing.',
  ])
})

test('a change that is found as the opposite, or without a volume, is shown as that', () => {
  const found = change('appeared', 0, 0)
  delete found.properties.volumeCubicMetres
  delete found.properties.volumeUncertainty95
  const [, row] = describeComparison(compareWithTruth([found], [truck]))
  expect(row).toMatch(/^truck that left {2}appeared \(wrong\) +none +60\.0 m³ +0\.00 m$/)
})

test('what was missed and what is not true is named', () => {
  const rows = describeComparison(compareWithTruth([change('appeared', -200, -100, 2.25)], [truck, heap]))
  expect(rows.slice(2)).toEqual([
    'Missed: truck that left, heap that grew.',
    'Found but not true:',
    '  appeared, 2.3 m³, at 52.999000, 8.998000',
  ])
})
