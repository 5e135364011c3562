// Ground through the real command: v1 and v2, from upload to results that the next job reads.
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { push } from '../../packages/client/src/node.ts'
import { openFile, readLasHeader, readPointBatches } from '../../packages/formats/src/index.ts'
import { withWaveforms } from '../../packages/jobs/src/point-clouds/waveforms.fixture.ts'
import { often, refusalOf, watchJob } from './survey-job.ts'
import { writeTwoEpochs } from './two-epochs.ts'
import type { Workplace } from './workplace.ts'

export function testGround(opened: () => Workplace): void {
  let workplace: Workplace
  let cloud: string

  beforeAll(async () => {
    workplace = opened()
    cloud = await workplace.upload('LAS', (await writeTwoEpochs(workplace.folder, 60_000)).paths[0])
  }, 120_000)

  async function create(outputs: string[], pointClouds = cloud, more: { type: string; id: string }[] = []) {
    const detector = { type: 'pointCloudSegmentationDetector', id: '@alidade/ground' }
    const inputs = [{ type: 'pointClouds', id: pointClouds }, detector, ...more]
    const { client, iTwinId } = workplace
    return client.jobs.create({ type: 'extractGround', name: 'ground', iTwinId, inputs, outputs })
  }

  const fileOf = async (realityDataId: string, name: string) =>
    join(await workplace.filesOf(realityDataId), name)

  /** How many points there are of each class. */
  async function classCounts(path: string): Promise<Record<number, number>> {
    const source = await openFile(path)
    try {
      const header = await readLasHeader(source)
      const counts: Record<number, number> = {}
      for await (const { records, count } of readPointBatches(source, header))
        for (let i = 0; i < count; i++) {
          const code = records[i * header.pointRecordLength + 16]!
          counts[code] = (counts[code] ?? 0) + 1
        }
      return counts
    } finally {
      await source.close()
    }
  }

  let classified: string

  test('v1: steps come in their order, the percentage never falls, and is 100 when the results can be read', async () => {
    const { client } = workplace
    const job = await create(['segmentation3D', 'segmentedPointCloud', 'exportedSegmentation3DLAZ'])
    await client.jobs.submit(job.id)
    const { end, seen } = await watchJob(client, job.id)
    expect(end).toEqual({ percentage: 100, state: 'success', step: 'Write_Results' })
    const percentages = seen.map(({ percentage }) => percentage)
    expect(percentages).toEqual([...percentages].sort((a, b) => a - b))
    expect(seen.filter(({ percentage }) => percentage === 100).map(({ state }) => state)).toEqual(['success'])
    const order = ['Wait_In_Queue', 'Prepare_Production', 'Read_Clouds', 'Find_Ground', 'Write_Results']
    const steps = seen.map(({ step }) => order.indexOf(step))
    expect(steps).toEqual([...steps].sort((a, b) => a - b))
    expect(steps).not.toContain(-1)

    const { outputs, executionInformation } = await client.jobs.get(job.id)
    expect(executionInformation).toMatchObject({ exitCode: 0, errors: [], warnings: [] })
    const [scene, segmented, exported] = outputs.map(({ id }) => id) as [string, string, string]
    expect(await client.realityData.get(segmented)).toMatchObject({
      type: 'LAS',
      rootDocument: 'segmentedPointCloud.las',
    })
    expect(await client.realityData.get(exported)).toMatchObject({
      type: 'LAZ',
      rootDocument: 'exportedSegmentation3DLAZ.laz',
    })
    const { References, Annotations } = JSON.parse(
      await readFile(await fileOf(scene, 'ContextScene.json'), 'utf8'),
    )
    expect(References[0].Path).toBe(`rds:${segmented}`)
    expect(Annotations.Segmentation3D.Path).toBe('0:segmentedPointCloud.las')
    const counts = await classCounts(await fileOf(segmented, 'segmentedPointCloud.las'))
    // All that is no ground is a box of 6 by 4 metres in the midst of 100 by 100.
    expect(counts[1]! / 60_000).toBeCloseTo(24 / 10_000, 3)
    expect(counts[1]! + counts[2]!).toBe(60_000)
    expect(await classCounts(await fileOf(exported, 'exportedSegmentation3DLAZ.laz'))).toEqual(counts)
    classified = scene
  }, 120_000)

  test('the scene that a job wrote is an input of the next one, which finds the same', async () => {
    const { client } = workplace
    const job = await create(['segmentation3D'], classified)
    await client.jobs.submit(job.id)
    expect(await client.waitForJob(job.id, often)).toMatchObject({ state: 'success' })
    const [output] = (await client.jobs.get(job.id)).outputs
    // Asked for alone, the scene has its cloud beside it.
    const counts = await classCounts(await fileOf(output!.id!, 'segmentedPointCloud.las'))
    expect(counts[1]! / 60_000).toBeCloseTo(24 / 10_000, 3)
  }, 120_000)

  test('v2 reaches it as Segmentation3D, within an extent of the bucket', async () => {
    const { client, iTwinId, folder } = workplace
    const square = [
      [500_010, 5_400_010],
      [500_020, 5_400_010],
      [500_020, 5_400_020],
      [500_010, 5_400_020],
      [500_010, 5_400_010],
    ]
    const crs = { type: 'name', properties: { name: 'urn:ogc:def:crs:EPSG::32632' } }
    const region = join(folder, 'region.geojson')
    await writeFile(region, JSON.stringify({ type: 'Polygon', crs, coordinates: [square] }))
    await push(() => client.v2.bucketAccess(iTwinId), region)
    const job = await client.v2.jobs.create({
      type: 'Segmentation3D',
      name: 'ground',
      iTwinId,
      specifications: {
        inputs: {
          model3D: cloud,
          pointCloudSegmentationDetector: '@alidade/ground',
          extent: 'bkt:region.geojson',
        },
        outputs: ['segmentedModel3D'],
      },
    })
    const seen: { state: string; percentage: number }[] = []
    const onProgress = (progress: (typeof seen)[number]) => void seen.push(progress)
    expect(await client.v2.waitForJob(job.id, { ...often, onProgress })).toEqual({
      state: 'Success',
      percentage: 100,
    })
    for (const { state, percentage } of seen) expect(percentage === 100).toBe(state === 'Success')
    const { specifications } = await client.v2.jobs.get(job.id)
    expect(specifications.inputs).toMatchObject({ pointCloudSegmentationDetector: '@alidade/ground' })
    const path = await fileOf(specifications.outputs.segmentedModel3D as string, 'segmentedPointCloud.las')
    const counts = await classCounts(path)
    expect((counts[1] ?? 0) + counts[2]!).toBeGreaterThan(500)
    expect((counts[1] ?? 0) + counts[2]!).toBeLessThan(700)
  }, 120_000)

  test('waveforms beside a cloud come up with it and down with its result', async () => {
    const { client, folder, upload } = workplace
    const { las, wdp } = await withWaveforms((await writeTwoEpochs(folder, 2000)).paths[0])
    await mkdir(join(folder, 'waves'))
    for (const path of [las, wdp]) await copyFile(path, join(folder, 'waves', basename(path)))
    const job = await create(['segmentedPointCloud'], await upload('LAS', join(folder, 'waves')))
    await client.jobs.submit(job.id)
    expect(await client.waitForJob(job.id, often)).toMatchObject({ state: 'success' })
    const { outputs, executionInformation } = await client.jobs.get(job.id)
    expect(executionInformation).toMatchObject({ warnings: [] })
    const { id } = outputs[0]!
    expect(await readFile(await fileOf(id!, 'segmentedPointCloud.wdp'))).toEqual(await readFile(wdp))
    expect(await client.realityData.get(id!)).toMatchObject({ rootDocument: 'segmentedPointCloud.las' })
  }, 120_000)

  test('what cannot be done is refused with its place and reason', async () => {
    const { client, iTwinId } = workplace
    const pod = create(['segmentation3D', 'exportedSegmentation3DPOD'])
    expect(await refusalOf(pod)).toEqual([
      "outputs[1]: Output 'exportedSegmentation3DPOD' is not delivered by this service.",
    ])
    const mesh = create(['segmentation3D'], cloud, [{ type: 'meshes', id: cloud }])
    expect(await refusalOf(mesh)).toEqual([
      "inputs[2].type: Input 'meshes' is not delivered by this service.",
    ])
    const inputs = [{ type: 'pointClouds', id: cloud }]
    const without = client.jobs.create({
      ...{ type: 'extractGround', name: 'ground', iTwinId },
      inputs,
      outputs: ['segmentation3D'],
    })
    expect(await refusalOf(without)).toEqual([
      "inputs: Input 'pointCloudSegmentationDetector' is required by extractGround.",
    ])
    const named = (id: string) =>
      client.jobs.create({
        ...{ type: 'extractGround', name: 'ground', iTwinId, outputs: ['segmentation3D'] },
        inputs: [...inputs, { type: 'pointCloudSegmentationDetector', id }],
      })
    expect(await refusalOf(named('@alidade/trees'))).toEqual([
      "inputs[1].id: Input 'pointCloudSegmentationDetector' refers to detector '@alidade/trees', which does not exist.",
    ])
  }, 60_000)
}
