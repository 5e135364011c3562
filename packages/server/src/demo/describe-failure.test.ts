import type { Job } from '@alidade/contract'
import { expect, test } from 'vitest'
import { describeFailure } from './describe-failure.ts'

const job: Job = {
  id: '2f0a4b8c-1111-4222-8333-444455556666',
  name: 'Alidade demo',
  type: 'changeDetection',
  iTwinId: '2f0a4b8c-7777-4888-8999-aaaabbbbcccc',
  state: 'failed',
  email: '',
  dataCenter: 'Local',
  createdDateTime: '2025-04-15T10:00:00Z',
  lastModifiedDateTime: '2025-04-15T10:00:05Z',
  inputs: [],
  outputs: [],
}

test('a failed job is told with the code and the message of each of its errors', () => {
  const errors = [{ code: 'OutOfMemory', title: 'Out of memory', message: 'It used 9 MB.', params: [] }]
  expect(describeFailure({ ...job, executionInformation: { errors, warnings: [] } })).toEqual([
    'The demo failed: its job ended as failed.',
    '   OutOfMemory (Out of memory): It used 9 MB.',
  ])
})

test('a job that ended otherwise, without an error, is told too', () => {
  expect(describeFailure({ ...job, state: 'cancelled' })).toEqual([
    'The demo failed: its job ended as cancelled, without an error.',
  ])
})
