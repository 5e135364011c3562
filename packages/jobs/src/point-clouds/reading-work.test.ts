import type { LasHeader } from '@alidade/formats'
import { expect, test } from 'vitest'
import { lazBytes } from './reading-work.ts'

const header = (compressed: boolean) =>
  ({ compressed, pointRecordLength: 30, pointCount: 1000, pointDataOffset: 500 }) as LasHeader

test('a point of LAZ has the bytes that its file has for it, and at most those of its record', () => {
  expect(lazBytes(header(true), 8500)).toBe(8)
  // Behind the points lies something else.
  expect(lazBytes(header(true), 1e9)).toBe(30)
  expect(lazBytes({ ...header(true), pointCount: 0 }, 8500)).toBeGreaterThan(0)
})

test('what is not compressed yet is expected to be as small as surveys commonly become', () => {
  expect(lazBytes(header(false), 30_500)).toBe(lazBytes(header(true)))
  expect(lazBytes(header(false))).toBeLessThan(15)
})
