import { expect, test } from 'vitest'
import { diskFault } from './disk-fault.ts'

const space = { totalBytes: 1e12, freeBytes: 10.5e9, lowWaterBytes: 500e6, low: false }

test('a job fits as long as the disk stays above the mark', () => {
  expect(diskFault({ bytesToFetch: 4e9, resultBytes: 6e9 }, space)).toEqual([])
  expect(diskFault({ bytesToFetch: 4e9, resultBytes: 6e9 + 1 }, space)).toHaveLength(1)
})

test('the fault says what is needed for what, and what is there', () => {
  expect(diskFault({ bytesToFetch: 4e9, resultBytes: 7.3e9 }, space)).toEqual([
    {
      code: 'InvalidValue',
      message:
        'The job needs 11300 MB of disk, 4000 MB for copies of its inputs and 7300 MB for its results; ' +
        '10000 MB can be used: 10500 MB are free, of which 500 MB are kept back.',
      target: 'outputs',
    },
  ])
})

test('on a disk that is full already nothing can be used', () => {
  const full = { ...space, freeBytes: 0, low: true }
  expect(diskFault({ bytesToFetch: 0, resultBytes: 1 }, full)[0]?.message).toContain('0 MB can be used')
})
