// The whole way, through the real command: token, upload, create, submit, progress, results, cancel, restart.
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Client } from '../../packages/client/src/index.ts'
import { alidadeBin, type ServiceProcess, startServiceProcess } from './service-process.ts'
import {
  clientOf,
  createChangeJob,
  often,
  resultFiles,
  resultHash,
  uploadSurveys,
  watchJob,
} from './survey-job.ts'
import { type TwoEpochs, writeTwoEpochs } from './two-epochs.ts'

describe('a service started by the real command', () => {
  let service: ServiceProcess
  let client: Client
  let folder: string
  let scene: TwoEpochs
  let inputs: string[]
  /** That the first test runs, and others look at. */
  let jobId: string
  /** That the service is stopped before and started again for. */
  let ofRestart: string
  const iTwinId = randomUUID()

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'alidade-scene-'))
    service = await startServiceProcess('--threads', '2')
    client = await clientOf(service, '--email', 'ada@example.org')
    scene = await writeTwoEpochs(folder, 60_000)
    inputs = await uploadSurveys(client, iTwinId, scene.paths)
  }, 120_000)
  afterAll(async () => {
    await service?.remove()
    await rm(folder, { recursive: true, force: true })
  })

  test('a job runs from upload to results, and its progress can be believed on the way', async () => {
    jobId = await createChangeJob(client, iTwinId, inputs)
    expect(await client.jobs.progress(jobId)).toEqual({ percentage: 0, state: 'unsubmitted', step: '' })
    const { outputs } = await client.jobs.get(jobId)
    await client.jobs.submit(jobId)

    const { end, seen } = await watchJob(client, jobId)

    expect(end).toEqual({ percentage: 100, state: 'success', step: 'Write_Results' })
    const percentages = seen.map(({ percentage }) => percentage)
    expect(percentages).toEqual([...percentages].sort((a, b) => a - b))
    expect(seen.filter(({ percentage }) => percentage === 100).map(({ state }) => state)).toEqual(['success'])
    expect(percentages.every(Number.isInteger)).toBe(true)
    expect(seen.length, JSON.stringify(seen)).toBeGreaterThan(5)

    const job = await client.jobs.get(jobId)
    expect(job.outputs).toEqual(outputs)
    expect(job.email).toBe('ada@example.org')
    expect(job.executionInformation).toMatchObject({ exitCode: 0, errors: [], warnings: [] })
  }, 120_000)

  test('the results say what is true: what came, what went, where and how much', async () => {
    const files = await resultFiles(client, jobId)
    expect([...files.keys()].sort()).toEqual([
      'exportedLocations3DGeoJSON/exportedLocations3DGeoJSON.geojson',
      'objects3D/ContextScene.json',
    ])
    const { features } = JSON.parse(
      String(files.get('exportedLocations3DGeoJSON/exportedLocations3DGeoJSON.geojson')),
    )
    expect(features).toHaveLength(2)
    const objects = Object.values<{ RotatedBox3D: { Box3D: Record<string, number> } }>(
      JSON.parse(String(files.get('objects3D/ContextScene.json'))).Annotations.Objects3D.Objects,
    )
    for (const { kind, x, y, volume } of scene.truth) {
      const { properties } = features.find(
        (feature: { properties: { label: string } }) => feature.properties.label === kind,
      )
      expect(Math.abs(properties.volumeCubicMetres / volume - 1), `volume of what ${kind}`).toBeLessThan(0.1)
      const near = objects.filter(({ RotatedBox3D: { Box3D: box } }) => {
        const [cx, cy] = [(box.xmin! + box.xmax!) / 2, (box.ymin! + box.ymax!) / 2]
        return Math.hypot(cx - x, cy - y) < 1
      })
      expect(near, `box of what ${kind}`).toHaveLength(1)
    }
  }, 120_000)

  test('a scene that refers to the surveys by rds: gives the same results as the surveys', async () => {
    const scenes: string[] = []
    for (const id of inputs) {
      const scene = await client.realityData.create({ displayName: 'scene', type: 'ContextScene', iTwinId })
      const json = {
        version: scenes.length === 0 ? '5.0' : '6.0',
        PointCloudCollection: { PointClouds: { 0: { Name: 'cloud', Path: '0:' } } },
        References: { 0: { Path: `rds:${id}` } },
      }
      const url = new URL(await client.realityData.writeAccess(scene.id))
      url.pathname += '/ContextScene.json'
      const answer = await fetch(url, {
        method: 'PUT',
        headers: { 'x-ms-blob-type': 'BlockBlob' },
        body: JSON.stringify(json),
      })
      expect(answer.status).toBe(201)
      scenes.push(scene.id)
    }
    const ofScenes = await createChangeJob(client, iTwinId, scenes)
    await client.jobs.submit(ofScenes)
    expect(await client.waitForJob(ofScenes, often)).toMatchObject({ state: 'success' })
    expect(await resultHash(client, ofScenes)).toBe(await resultHash(client, jobId))
  }, 120_000)

  test('an exportSrs that is no system is refused at creation', async () => {
    const job = createChangeJob(client, iTwinId, inputs, { options: { exportSrs: 'EPSG:99999' } })
    await expect(job).rejects.toMatchObject({
      status: 422,
      details: [
        { code: 'InvalidValue', target: 'options.exportSrs', message: expect.stringContaining('99999') },
      ],
    })
  })

  test('what headers tell is refused at submission, with the input at fault', async () => {
    const { id } = await client.realityData.create({ displayName: 'no cloud', type: 'LAS', iTwinId })
    const empty = await createChangeJob(client, iTwinId, [inputs[0]!, id])
    await expect(client.jobs.submit(empty)).rejects.toMatchObject({
      status: 422,
      code: 'InvalidRealityDataAnalysisRequest',
      details: [{ code: 'InvalidValue', target: 'inputs[1].id' }],
    })
    const url = new URL(await client.realityData.writeAccess(id))
    url.pathname += '/letter.las'
    await fetch(url, { method: 'PUT', headers: { 'x-ms-blob-type': 'BlockBlob' }, body: 'Dear surveyor,' })
    await expect(client.jobs.submit(empty)).rejects.toMatchObject({
      status: 422,
      details: [
        { code: 'InvalidValue', target: 'inputs[1].id', message: expect.stringContaining('letter.las') },
      ],
    })
    expect((await client.jobs.get(empty)).state).toBe('unsubmitted')
  })

  test('another tenant sees none of it, byte for byte as if it were not there', async () => {
    const foreign = await service.token('--org', 'other')
    const ask = async (path: string) => {
      const answer = await fetch(`${service.url}${path}`, { headers: { authorization: `Bearer ${foreign}` } })
      return `${answer.status} ${await answer.text()}`
    }
    const progress = (id: string) => `/realitydataanalysis/jobs/${id}/progress`
    expect(await ask(progress(jobId))).toBe(await ask(progress(randomUUID())))
    expect(await ask(progress(jobId))).toBe(
      '404 {"error":{"code":"ProgressNotFound","message":"Requested progress is not available."}}',
    )
    expect(await ask(`/reality-management/reality-data/${inputs[0]}`)).toBe(
      await ask(`/reality-management/reality-data/${randomUUID()}`),
    )
  })

  test('SIGTERM ends the service with exit code 0, and what it knew is there after the next start', async () => {
    ofRestart = await createChangeJob(client, iTwinId, inputs, {
      outputs: ['objects3D', 'exportedLocations3DSHP'],
      options: { exportSrs: 'EPSG:25832' },
    })
    expect(await service.stop(), service.log()).toBe(0)
    service = await service.restart()
    client = await clientOf(service)
    expect((await client.jobs.get(ofRestart)).state).toBe('unsubmitted')
    await client.jobs.submit(ofRestart)
    expect(await client.waitForJob(ofRestart, often)).toMatchObject({ state: 'success' })
  }, 120_000)

  test('a shapefile in the system that was asked for is a result like any other', async () => {
    const job = await client.jobs.get(ofRestart)
    expect(job.executionInformation).toMatchObject({ warnings: [] })
    const { id } = job.outputs.find(({ type }) => type === 'exportedLocations3DSHP')!
    expect(await client.realityData.get(id)).toMatchObject({
      type: 'SHP',
      rootDocument: 'exportedLocations3DSHP.shp',
    })
    const files = await resultFiles(client, ofRestart)
    const sizes = ['cpg', 'dbf', 'prj', 'shp', 'shx'].map((kind) => {
      const file = files.get(`exportedLocations3DSHP/exportedLocations3DSHP.${kind}`)!
      return kind === 'prj' ? file.toString().slice(0, 30) : file.length
    })
    // Two points: a head of 100 bytes and 44 bytes each, or 8 in the index.
    expect(sizes).toEqual([5, expect.any(Number), 'PROJCS["ETRS_1989_UTM_Zone_32N', 188, 116])
  }, 120_000)

  test('a second service on the same data folder is refused', async () => {
    const args = [alidadeBin, 'up', '--port', '0', '--data-dir', service.dataDir]
    const second = promisify(execFile)(process.execPath, args)
    await expect(second).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`process ${service.pid}`),
    })
  })

  test('tokens and signatures are not in the log, and no scratch is left', async () => {
    // Results were fetched since the restart, by signed addresses.
    expect(service.log()).toContain('sig=***')
    expect(service.log()).not.toMatch(/sig=(?!\*\*\*)|eyJ[\w-]+\.[\w-]+\./)
    expect(await readdir(join(service.dataDir, 'scratch'))).toEqual([])
  })

  test('Ctrl-C that arrives twice, as from a terminal under npm, still stops in good order', async () => {
    process.kill(service.pid, 'SIGINT')
    process.kill(service.pid, 'SIGTERM')
    expect(await service.stop(), service.log()).toBe(0)
    expect(await readdir(service.dataDir)).not.toContain('database.lock')
  })
})
