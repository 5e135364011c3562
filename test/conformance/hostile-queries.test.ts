// Queries of a million characters, and the longest that get through, at both lists: refused or answered at once.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { V1TestServer } from '../../packages/server/src/http/v1/v1-test-server.ts'
import { startConformanceServer } from './conformance-server.ts'

let server: V1TestServer
beforeAll(async () => {
  server = await startConformanceServer()
})
afterAll(() => server.stop())

const jobs = '/realitydataanalysis/jobs'
const jobsV2 = '/reality-analysis/jobs'
const realityData = '/reality-management/reality-data'
const parameters = [
  ...['$filter', '$top', 'continuationToken'].map((name) => [jobs, name] as const),
  [jobsV2, '$filter'] as const,
  ...['$search', '$orderBy', 'types', 'tag', 'ownerId', 'iTwinId', 'extent', 'continuationToken'].map(
    (name) => [realityData, name] as const,
  ),
  ...['createdDateTime', 'acquisitionDateTime'].map((name) => [realityData, name] as const),
]
const fillings = [
  'a',
  '(',
  "'",
  '%25',
  '%5C',
  '_',
  ',',
  '1',
  '-',
  '%20',
  '%E2%80%8B',
  "name%20eq%20'a'%20or%20",
]

test.each(parameters)('%s?%s=... of a million characters is 431', async (path, name) => {
  const { status, json } = await server.ask('GET', `${path}?${name}=${'a'.repeat(1_000_000)}`)
  expect([status, json.error.code]).toEqual([431, 'HeadersTooLarge'])
})

test.each(parameters)(
  '%s?%s=... of 14,000 characters is answered or refused in a second',
  async (path, name) => {
    for (const filling of fillings) {
      const began = performance.now()
      const value = filling.repeat(Math.floor(14_000 / filling.length))
      const times: number[] = []
      const ask = async () => {
        const began = performance.now()
        const answer = await server.ask('GET', `${path}?${name}=${value}`)
        times.push(performance.now() - began)
        return answer
      }
      const { status, text } = await ask()
      // A machine that is busy elsewhere may hold up one answer, not each.
      while (Math.min(...times) >= 1000 && times.length < 3) await ask()
      expect([200, 422], `${filling}: ${text.slice(0, 200)}`).toContain(status)
      expect(performance.now() - began, filling).toBeLessThan(1000)
      if (status === 422) expect(text.length).toBeLessThan(2000)
    }
  },
)
