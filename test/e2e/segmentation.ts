// Segmentation with @alidade/als-basic through the real command: v1 and v2, from upload to results.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import { writeTown } from '../../packages/jobs/src/segmentation-3d/town.fixture.ts'
import { processesIn } from '../engine/processes.ts'
import { often, refusalOf, watchJob } from './survey-job.ts'
import type { Workplace } from './workplace.ts'

const detector = '@alidade/als-basic'
export function testSegmentation(opened: () => Workplace): void {
  let workplace: Workplace
  let cloud: string
  /** A result of the first job. */
  let segmentation: string

  beforeAll(async () => {
    workplace = opened()
    cloud = await workplace.upload('LAS', await writeTown(workplace.folder, 'town.las'))
  }, 120_000)

  const annotationsOf = async (realityDataId: string) =>
    JSON.parse(await readFile(join(await workplace.filesOf(realityDataId), 'ContextScene.json'), 'utf8'))
      .Annotations

  /** Pids of runners, once there are some. */
  async function untilRunner(): Promise<number[]> {
    const scratch = join(workplace.service.dataDir, 'scratch')
    for (;;) {
      const pids = await processesIn(scratch)
      if (pids.length > 0) return pids
      await delay(5)
    }
  }

  /** How many were killed. */
  async function killedRunner(): Promise<number> {
    const pids = await untilRunner()
    for (const pid of pids) process.kill(pid, 'SIGKILL')
    return pids.length
  }

  test('v1: the percentage never falls, and buildings, trees, lamps and wires can be fetched in every form', async () => {
    const { client, iTwinId, filesOf } = workplace
    const outputs = [
      ...['segmentation3D', 'segmentedPointCloud', 'objects3D', 'exportedObjects3DCesium'],
      ...['lines3D', 'exportedLines3DGeoJSON', 'polygons3D', 'exportedPolygons3DGeoJSON'],
    ]
    const job = await client.jobs.create({
      ...{ type: 'segmentation3D', name: 'segmentation', iTwinId, outputs },
      inputs: [
        { type: 'pointClouds', id: cloud },
        { type: 'pointCloudSegmentationDetector', id: detector },
      ],
    })
    await client.jobs.submit(job.id)
    const { end, seen } = await watchJob(client, job.id)
    expect(end).toEqual({ percentage: 100, state: 'success', step: 'Write_Results' })
    const percentages = seen.map(({ percentage }) => percentage)
    expect(percentages).toEqual([...percentages].sort((a, b) => a - b))
    const ids = new Map((await client.jobs.get(job.id)).outputs.map(({ type, id }) => [type, id!]))
    const { Labels } = await annotationsOf(ids.get('segmentation3D')!)
    expect(Labels[6]).toEqual({ Name: 'building', Contour: true, Object: true })
    segmentation = ids.get('segmentation3D')!
    expect(Object.keys((await annotationsOf(ids.get('objects3D')!)).Objects3D.Objects)).toHaveLength(8)
    expect(Object.keys((await annotationsOf(ids.get('lines3D')!)).Lines3D.Lines)).toHaveLength(2)
    expect(Object.keys((await annotationsOf(ids.get('polygons3D')!)).Polygons3D.Polygons)).toHaveLength(3)
    const tiles = await filesOf(ids.get('exportedObjects3DCesium')!)
    const { root } = JSON.parse(await readFile(join(tiles, 'tileset.json'), 'utf8'))
    expect(await readdir(join(tiles, 'tiles'))).toContain(root.content.uri.replace('tiles/', ''))
  }, 120_000)

  test('v2 makes the same under its own names', async () => {
    const { client, iTwinId, filesOf } = workplace
    const job = await client.v2.jobs.create({
      ...{ type: 'Segmentation3D', name: 'segmentation', iTwinId },
      specifications: {
        inputs: { model3D: cloud, pointCloudSegmentationDetector: detector },
        outputs: ['segmentedModel3D', 'objects3D', 'objects3DAs3DTiles', 'locations3DAsSHP', 'lines3D'],
        options: { saveConfidence: true, computeLineWidth: true, removeSmallLines: 100 },
      },
    })
    expect(await client.v2.waitForJob(job.id, often)).toEqual({ state: 'Success', percentage: 100 })
    const outputs = (await client.v2.jobs.get(job.id)).specifications.outputs as Record<string, string>
    expect(Object.keys((await annotationsOf(outputs.objects3D!)).Objects3D.Objects)).toHaveLength(8)
    expect((await annotationsOf(outputs.lines3D!)).Lines3D.Lines).toEqual({})
    const names = (await readdir(await filesOf(outputs.locations3DAsSHP!))).map((name) =>
      name.split('.').at(-1),
    )
    expect(names.sort()).toEqual(['cpg', 'dbf', 'prj', 'shp', 'shx'])
  }, 120_000)

  test('the segmentation that a job has made is the input of another, in both versions, and its classes become polygons again, also after a kill', async () => {
    const { client, iTwinId } = workplace
    const job = await client.jobs.create({
      ...{ type: 'segmentation3D', name: 'from classes', iTwinId },
      inputs: [{ type: 'segmentation3D', id: segmentation }],
      outputs: ['polygons3D', 'exportedPolygons3DGeoJSON', 'objects3D'],
    })
    await client.jobs.submit(job.id)
    const killed = await killedRunner()
    const percentages: number[] = []
    const end = await client.waitForJob(job.id, {
      ...often,
      onProgress: ({ percentage }) => void percentages.push(percentage),
    })
    expect(end).toEqual({ percentage: 100, state: 'success', step: 'Write_Results' })
    expect(percentages).toEqual([...percentages].sort((a, b) => a - b))
    const ids = new Map((await client.jobs.get(job.id)).outputs.map(({ type, id }) => [type, id!]))
    expect(Object.keys((await annotationsOf(ids.get('polygons3D')!)).Polygons3D.Polygons)).toHaveLength(3)
    expect(Object.keys((await annotationsOf(ids.get('objects3D')!)).Objects3D.Objects)).toHaveLength(8)

    const create = (inputs: Record<string, string>, outputs: string[]) =>
      client.v2.jobs.create({
        ...{ type: 'Segmentation3D', name: 'from classes', iTwinId },
        specifications: { inputs, outputs, options: {} },
      })
    const { id } = await create({ segmentation3D: segmentation }, ['lines3D', 'polygons3D', 'objects3D'])
    expect(await client.v2.waitForJob(id, often)).toEqual({ state: 'Success', percentage: 100 })
    const made = (await client.v2.jobs.get(id)).specifications.outputs as Record<string, string>
    expect(Object.keys((await annotationsOf(made.lines3D!)).Lines3D.Lines)).toHaveLength(2)
    // Of the two jobs, only one was left to itself.
    for (const output of ['polygons3D', 'objects3D'])
      expect(await annotationsOf(ids.get(output)!)).toEqual(await annotationsOf(made[output]!))
    expect(killed).toBeGreaterThan(0)

    const { id: cancelled } = await create({ segmentation3D: segmentation }, ['objects3D'])
    await untilRunner()
    await client.v2.jobs.cancel(cancelled)
    const ended = async () => (await client.v2.jobs.progress(cancelled)).state
    await expect.poll(ended, { timeout: 3000 }).toBe('Cancelled')
    const beside = { segmentation3D: segmentation, model3D: cloud, pointCloudSegmentationDetector: detector }
    const refusals = await create(beside, ['segmentedModel3D', 'lines3D']).then(
      () => [],
      ({ details }: { details: { target?: string; message: string }[] }) => details,
    )
    expect(refusals.map(({ target }) => target)).toEqual([
      'specifications.inputs.model3D',
      'specifications.inputs.pointCloudSegmentationDetector',
      'specifications.outputs[0]',
    ])
    expect(refusals[0]!.message).toContain('model3D cannot be used: it is given beside segmentation3D')
  }, 120_000)

  test('what is not made is refused by its name', async () => {
    const { client, iTwinId } = workplace
    const create = (outputs: string[], inputs: { type: string; id: string }[]) =>
      refusalOf(
        client.jobs.create({ type: 'segmentation3D', name: 'segmentation', iTwinId, inputs, outputs }),
      )
    const inputs = [
      { type: 'pointClouds', id: cloud },
      { type: 'pointCloudSegmentationDetector', id: detector },
    ]
    expect(await create(['segmentation3D', 'exportedSegmentation3DPOD'], inputs)).toEqual([
      "outputs[1]: Output 'exportedSegmentation3DPOD' is not delivered by this service.",
    ])
    expect(await create(['objects3D'], [{ type: 'meshes', id: cloud }])).toContain(
      "inputs[0].type: Input 'meshes' is not delivered by this service.",
    )
  }, 60_000)
}
