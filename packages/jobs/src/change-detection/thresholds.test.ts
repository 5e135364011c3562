import { expect, test } from 'vitest'
import { areThresholdsAsked, chooseColourThresholds, chooseThresholds } from './thresholds.ts'

const spacings = { spacingA: 0.5, spacingB: 0.8 }

test('without options, two and three spacings of the sparser survey', () => {
  const { low, high } = chooseThresholds({}, spacings)
  expect(low).toBeCloseTo(1.6)
  expect(high).toBeCloseTo(2.4)
})

test('options are taken as they are', () => {
  const options = { distThresholdLow: 0.1, distThresholdHigh: 0.1 }
  expect(chooseThresholds(options, spacings)).toEqual({ low: 0.1, high: 0.1 })
})

test('one option alone never crosses the derived other one', () => {
  expect(chooseThresholds({ distThresholdHigh: 0.3 }, spacings).low).toBeCloseTo(0.2)
  expect(chooseThresholds({ distThresholdHigh: 9 }, spacings).low).toBeCloseTo(1.6)
  expect(chooseThresholds({ distThresholdLow: 6 }, spacings).high).toBeCloseTo(9)
  expect(chooseThresholds({ distThresholdLow: 0.1 }, spacings).high).toBeCloseTo(2.4)
})

test('a low threshold above the high one is refused with both numbers', () => {
  const options = { distThresholdLow: 2, distThresholdHigh: 1 }
  expect(() => chooseThresholds(options, spacings)).toThrow(/2, more than distThresholdHigh 1/)
})

test('clouds too small to have a spacing need both options', () => {
  const unknown = { spacingA: Number.NaN, spacingB: Number.NaN }
  expect(() => chooseThresholds({ distThresholdLow: 1 }, unknown)).toThrow(
    /too few points in different places/,
  )
  const options = { distThresholdLow: 1, distThresholdHigh: 2 }
  expect(chooseThresholds(options, unknown)).toEqual({ low: 1, high: 2 })
})

test('thresholds of colour are off at 0, and one alone gives the other', () => {
  expect(chooseColourThresholds({})).toBeUndefined()
  expect(chooseColourThresholds({ colorThresholdLow: 0, colorThresholdHigh: 0 })).toBeUndefined()
  expect(chooseColourThresholds({ colorThresholdLow: 40, colorThresholdHigh: 0 })).toEqual({
    low: 40,
    high: 60,
  })
  expect(chooseColourThresholds({ colorThresholdHigh: 60 })).toEqual({ low: 40, high: 60 })
  const crossed = { colorThresholdLow: 50, colorThresholdHigh: 40 }
  expect(() => chooseColourThresholds(crossed)).toThrow(/50, more than colorThresholdHigh 40/)
})

test('thresholds of colour alone leave places to evidence', () => {
  expect(areThresholdsAsked({ colorThresholdLow: 40, colorThresholdHigh: 60 })).toBe(false)
})
