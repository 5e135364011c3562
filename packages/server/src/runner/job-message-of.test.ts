import { expect, test } from 'vitest'
import { jobMessageOf } from './job-message-of.ts'

// Disks that are really full: test/engine/full-scratch.test.ts.
const about = { writingTo: 'the scratch folder', loggedAs: 'job 1' }
const full = { code: 'ENOSPC', path: '/srv/alidade/scratch/3/changes.las' }

test('a full disk is named by file or by its role, never by where it is', () => {
  const unnamed = Object.assign(new Error('no space left on device, write'), { code: 'ENOSPC' })
  expect(jobMessageOf(unnamed, about)).toMatchObject({ code: 'DiskFull', params: ['the scratch folder'] })
  const named = Object.assign(new Error(`no space left on device, open '${full.path}'`), full)
  expect(jobMessageOf(new Error('publishing', { cause: named }), about)).toMatchObject({
    code: 'DiskFull',
    params: ['changes.las'],
  })
})

test('what nobody foresaw tells no more than where it is logged', () => {
  const error = new TypeError(`cannot read ${full.path}`)
  expect(jobMessageOf(error, about)).toMatchObject({ code: 'Internal', params: ['job 1'] })
})
