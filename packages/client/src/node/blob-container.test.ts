import { expect, test } from 'vitest'
import { startBlockStore } from '../testing/block-store-server.ts'
import { virtualClock } from '../testing/virtual-clock.ts'
import { openContainer } from './blob-container.ts'

test('what cannot be read here is told at once, as it is: trying again would not help', async () => {
  await using store = await startBlockStore()
  const clock = virtualClock()
  const container = openContainer(() => store.containerUrl(), { fetch, clock, maxAttempts: 5 })
  const reason = new RangeError('survey.laz became shorter')
  const put = container.request({
    method: 'PUT',
    name: 'survey.laz',
    headers: { 'x-ms-blob-type': 'BlockBlob' },
    body: {
      sizeBytes: 20,
      pieces: async function* () {
        yield new Uint8Array(10)
        throw reason
      },
    },
    expect: 201,
    read: async () => {},
    signal: new AbortController().signal,
  })
  await expect(put).rejects.toBe(reason)
  expect(clock.sleptSeconds).toEqual([])
  expect(store.blobs.size).toBe(0)
})
