// Models of point clouds through the real command: from the upload of a detector to classes of points, in v1 and v2.
import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { push } from '../../packages/client/src/node.ts'
import { readPlaces, readSegmented } from '../../packages/jobs/src/extract-ground/read-segmented.fixture.ts'
import {
  heightModel,
  loopingModel,
  pointManifest,
} from '../../packages/jobs/src/segmentation-3d/onnx/point-model.fixture.ts'
import { detectorArchive, manifest } from '../../packages/jobs/src/detector/detector.fixture.ts'
import { processesIn } from '../engine/processes.ts'
import { often } from './survey-job.ts'
import { writeTwoEpochs } from './two-epochs.ts'
import type { Workplace } from './workplace.ts'

export function testModels(opened: () => Workplace): void {
  let workplace: Workplace
  let cloud: string

  beforeAll(async () => {
    workplace = opened()
    cloud = await workplace.upload('LAS', (await writeTwoEpochs(workplace.folder, 20_000, 60)).paths[0])
  }, 120_000)

  async function publish(name: string, model: Uint8Array): Promise<void> {
    const { detectors } = workplace.client.v2
    await detectors.create({ name, type: 'PointCloudSegmentationDetector' })
    const capabilities = { labels: ['ground', 'middle', 'high'], exports: [] }
    const { uploadUrl } = await detectors.createVersion(name, { versionNumber: '1.0', capabilities })
    const body = detectorArchive(pointManifest(), model)
    const headers = { 'x-ms-blob-type': 'BlockBlob' }
    expect((await fetch(uploadUrl, { method: 'PUT', headers, body })).status).toBe(201)
    await detectors.complete(name, '1.0')
  }

  async function segment(detector: string) {
    const inputs = { model3D: cloud, pointCloudSegmentationDetector: detector }
    const outputs = ['segmentedModel3D', 'segmentation3D']
    const options = { saveConfidence: true }
    const specifications = { inputs, outputs, options }
    const { client, iTwinId } = workplace
    return client.v2.jobs.create({ type: 'Segmentation3D', name: 'segment', iTwinId, specifications })
  }

  const cloudOf = async (realityDataId: string) =>
    join(await workplace.filesOf(realityDataId), 'segmentedPointCloud.las')

  async function cloudOfV2(id: string): Promise<string> {
    const { specifications } = await workplace.client.v2.jobs.get(id)
    return cloudOf(specifications.outputs.segmentedModel3D as string)
  }

  /** Shown in full where it differs, as bytes would not be. */
  async function bytesOf(path: string): Promise<string> {
    const bytes = await readFile(path)
    return `${bytes.length} bytes ${createHash('sha256').update(bytes).digest('hex')}`
  }

  let found: string

  test('v2: a model of the library tells the box from the plain', async () => {
    const { client } = workplace
    await publish('heights', heightModel())
    const job = await segment('heights')
    const states = new Set<string>()
    const percentages: number[] = []
    const end = await client.v2.waitForJob(job.id, {
      ...often,
      onProgress: ({ state, percentage }) => {
        states.add(state)
        percentages.push(percentage)
      },
    })
    expect(end).toEqual({ state: 'Success', percentage: 100 })
    expect(percentages).toEqual([...percentages].sort((a, b) => a - b))
    const path = await cloudOfV2(job.id)
    const { classes, header } = await readSegmented(path)
    const { x, y } = await readPlaces(path)
    // A box of 6 by 4 metres, 3 m high, around (18, 24).
    const expected = classes.map((_, i) =>
      Math.abs(x[i]! - 500_018) < 3 && Math.abs(y[i]! - 5_400_024) < 2 ? 4 : 2,
    )
    expect(expected.filter((code) => code === 4).length).toBeGreaterThan(50)
    expect(classes.filter((code, i) => code !== expected[i])).toEqual(new Uint8Array(0))
    expect(header.extraBytes.map(({ name }) => name)).toContain('confidence')
    found = await bytesOf(path)
  }, 120_000)

  test('v1: a reality data with the same files finds the same, and one that changed since is refused', async () => {
    const { client, iTwinId, folder, upload } = workplace
    const files = join(folder, 'detector')
    await mkdir(files)
    await writeFile(join(files, 'alidade-detector.json'), JSON.stringify({ ...manifest, ...pointManifest() }))
    await writeFile(join(files, 'model.onnx'), heightModel())
    const id = await upload('ContextDetector', files)
    const create = () =>
      client.jobs.create({
        ...{ type: 'segmentation3D', name: 'segment', iTwinId, outputs: ['segmentedPointCloud'] },
        inputs: [
          { type: 'pointClouds', id: cloud },
          { type: 'pointCloudSegmentationDetector', id },
        ],
        options: { saveConfidence: 'true' },
      })
    const [job, later] = [await create(), await create()]
    await client.jobs.submit(job.id)
    expect(await client.waitForJob(job.id, often)).toMatchObject({ state: 'success' })
    const [output] = (await client.jobs.get(job.id)).outputs
    expect(await bytesOf(await cloudOf(output!.id!))).toBe(found)

    await writeFile(join(files, 'model.onnx'), heightModel(64))
    await push(() => client.realityData.writeAccess(id), files)
    await client.jobs.submit(later.id)
    expect(await client.waitForJob(later.id, often)).toMatchObject({ state: 'failed' })
    const { errors } = (await client.jobs.get(later.id)).executionInformation!
    expect(errors.map(({ code }) => code)).toEqual(['InputData_Changed'])
  }, 120_000)

  test('a model that never ends is stopped when its job is cancelled', async () => {
    const { client, service } = workplace
    await publish('endless', loopingModel(2n ** 62n))
    const job = await segment('endless')
    const scratch = join(service.dataDir, 'scratch')
    await expect.poll(() => processesIn(scratch), { timeout: 30_000 }).toHaveLength(1)
    await expect
      .poll(async () => (await client.v2.jobs.progress(job.id)).percentage, { timeout: 30_000 })
      .toBeGreaterThan(0)
    await client.v2.jobs.cancel(job.id)
    expect(await client.v2.waitForJob(job.id, often)).toMatchObject({ state: 'Cancelled' })
    await expect.poll(() => processesIn(scratch), { timeout: 10_000 }).toEqual([])
  }, 120_000)
}
