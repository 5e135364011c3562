// The detectors that are part of the service: every tenant has them, jobs can name them, and nobody can touch them.
import { randomUUID } from 'node:crypto'
import { alsBasicDetector, builtInDetectors, groundDetector } from '@alidade/contract'
import { defaultDetectorLimits } from '@alidade/jobs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPinDetectors } from '../../packages/server/src/http/detectors/pin-detectors.ts'
import { type DetectorServer, startDetectorServer } from './detector-server.ts'

let server: DetectorServer
/** Of two tenants, and of an administrator of one of them. */
let everybody: string[]
beforeAll(async () => {
  server = await startDetectorServer()
  everybody = await Promise.all([
    server.authorization({ org: 'acme' }),
    server.authorization({ org: 'other' }),
    server.authorization({ org: 'acme', role: 'admin' }),
    server.authorization({ org: 'alidade', subject: 'alidade', role: 'admin' }),
  ])
})
afterAll(() => server.stop())

const [v1, v2] = ['/realitydataanalysis/detectors', '/reality-analysis/detectors']
const name = '%40alidade%2Fground'
const ask = (method: string, path: string, asking: object = {}) => server.ask(method, path, asking)

test('everybody finds them in the lists of both versions, and by name', async () => {
  for (const authorization of everybody) {
    const as = { authorization }
    const ofV1 = (await ask('GET', v1, as)).json.detectors
    const ofV2 = (await ask('GET', v2, as)).json.detectors
    expect(ofV1.map((one: { name: string }) => one.name)).toEqual(['@alidade/als-basic', '@alidade/ground'])
    expect(ofV2).toEqual(
      [alsBasicDetector, groundDetector].map(({ name, displayName, description }) => ({
        ...{ name, type: 'PointCloudSegmentationDetector', displayName, description },
        latestVersion: '1.0',
      })),
    )
    expect((await ask('GET', `${v1}/${name}`, as)).json.detector).toEqual(ofV1[1])
    const { versions } = (await ask('GET', `${v2}/${name}`, as)).json.detector
    // There is no file to download.
    expect(versions).toEqual([
      {
        versionNumber: '1.0',
        capabilities: { labels: ['unclassified', 'ground'], exports: [] },
        creationDate: groundDetector.creationDate,
        status: 'Ready',
        creatorId: 'alidade',
      },
    ])
  }
})

test('filters are asked of them as of any other', async () => {
  const listed = async (filter: string) =>
    (await ask('GET', `${v2}?$filter=${encodeURIComponent(filter)}`)).json.detectors.length
  expect(await listed("labels in ('ground')")).toBe(2)
  expect(await listed("labels in ('ground') and exports in ('Lines')")).toBe(1)
  expect(await listed("not labels in ('ground')")).toBe(0)
})

describe.each([
  ['v1', v1, 'version', (texts: object) => ({ detector: texts })],
  ['v2', v2, 'versions', (texts: object) => texts],
] as const)('in %s', (version, base, versions, wrapped) => {
  test('nobody changes, deletes, completes or unpublishes them', async () => {
    const path = `${base}/${name}`
    for (const authorization of everybody) {
      const as = { authorization }
      for (const [method, at, body] of [
        ['PATCH', path, wrapped({ displayName: 'mine' })],
        ['DELETE', path, undefined],
        ['DELETE', `${path}/${versions}/1.0`, undefined],
        ['POST', `${path}/${versions}/1.0/complete`, undefined],
        ['POST', `${path}/${versions}/1.0/publish`, undefined],
        ['POST', `${path}/${versions}/1.0/unpublish`, undefined],
      ] as const) {
        const { status, json } = await ask(method, at, { ...as, ...(body && { body }) })
        expect([method, at, status, json.error.code]).toEqual([method, at, 403, 'InsufficientPermissions'])
      }
    }
  })

  test('their names are taken, in any letter case', async () => {
    for (const taken of ['@alidade/ground', '@Alidade/GROUND']) {
      const detector = { name: taken, type: 'PointCloudSegmentationDetector' }
      const body = version === 'v2' ? detector : { detector: { ...detector, version: '1.1', labels: [] } }
      const { status } = await ask('POST', base, { body })
      expect(status).toBe(version === 'v2' ? 409 : 403)
    }
  })
})

test('v2 gives them no version of a client', async () => {
  const body = { versionNumber: '9.0', capabilities: { labels: [], exports: [] } }
  expect((await ask('POST', `${v2}/${name}/versions`, { body })).status).toBe(403)
})

test('a job is pinned to their version, and only where such a detector is asked for', async () => {
  const { detectors, realityData, blobs } = server
  const pinDetectors = createPinDetectors({ detectors, realityData, blobs, limits: defaultDetectorLimits })
  const declared = { kind: 'detector', accepts: [], required: true, delivered: true, help: '' } as const
  const pin = (input: string, realityDataId: string) =>
    pinDetectors('acme', { [input]: declared }, [{ name: input, realityDataId }])
  for (const named of ['@alidade/ground', '@ALIDADE/ground/1.0']) {
    const { inputs } = await pin('pointCloudSegmentationDetector', named)
    expect(inputs[0]!.detector).toEqual({
      library: { name: '@alidade/ground', version: '1.0', versionId: groundDetector.versionId },
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
  }
  const { faults } = await pin('photoSegmentationDetector', '@alidade/ground')
  expect(faults[0]!.message).toContain('needs a PhotoSegmentationDetector')
  expect((await pin('pointCloudSegmentationDetector', '@alidade/ground/2.0')).faults).toHaveLength(1)
})

test('none of them shares an id with anything else', () => {
  const ids = builtInDetectors.map(({ versionId }) => versionId)
  expect(new Set([...ids, randomUUID()]).size).toBe(ids.length + 1)
})
