// A divided run finds what an undivided one does, wherever the edges of tiles are.
import { expect, test } from 'vitest'
import { alsBasicDetector } from '@alidade/contract'
import { parseContextScene } from '@alidade/formats'
import { readSegmented } from '../extract-ground/read-segmented.fixture.ts'
import type { JobType, Tile } from '../job-type.ts'
import { divided } from '../run-divided.fixture.ts'
import { runJobType, temporaryFolder } from '../run-job.fixture.ts'
import { segmentation3D } from './segmentation-3d.ts'
import { town, writeTown } from './town.fixture.ts'

const detectors = {
  pointCloudSegmentationDetector: { library: { name: alsBasicDetector.name, version: '1.0' } },
}
const outputs = ['segmentedPointCloud', 'segmentation3D', 'objects3D', 'lines3D', 'polygons3D']
test('experiment', async () => {
  const made = town()
  const path = await writeTown(await temporaryFolder(), 'town.las', made)
  const run = (type: JobType) =>
    runJobType(type, { inputs: { pointClouds: path }, outputs, detectors, options: { saveConfidence: true } })
  const whole = await run(segmentation3D)
  const classesOf = async (job: typeof whole) =>
    (await readSegmented(job.path('segmentedPointCloud', 'segmentedPointCloud.las'))).classes
  const expected = await classesOf(whole)
  const show = async (job: typeof whole) => {
    for (const o of ['objects3D', 'lines3D', 'polygons3D']) {
      const { Annotations: a } = parseContextScene(await job.read(o, 'ContextScene.json'))
      if (o === 'objects3D')
        console.log([...a!.Objects3D!.Objects.values()].map(({ LabelInfo: l, RotatedBox3D: { Box3D: b } }) => `${l.LabelId} ${l.Confidence} ${[b.xmin, b.ymin, b.zmin, b.xmax, b.ymax, b.zmax].map((v) => v.toFixed(4)).join(' ')}`).sort().join('\n'))
      if (o === 'polygons3D')
        console.log([...a!.Polygons3D!.Polygons.values()].map(({ Area, Vertices }) => `${Area} ${Vertices.size}`).sort().join('\n'))
      if (o === 'lines3D') console.log([...a!.Lines3D!.Lines.values()].map(({ Length, Vertices }) => `${Length} ${Vertices.size}`).sort().join('\n'))
    }
  }
  await show(whole)
  for (const wanted of [2, 4, 8, 16]) {
    let tiles: Tile[] = []
    const job = await run(divided(segmentation3D, { fromPoints: (4 * made.x.length) / wanted, onTiles: (t) => { tiles = t } }))
    const found = await classesOf(job)
    const counts: Record<string, number> = {}
    found.forEach((one, i) => { if (one !== expected[i]) counts[`${expected[i]}>${one}`] = (counts[`${expected[i]}>${one}`] ?? 0) + 1 })
    console.log(tiles.length, JSON.stringify(counts), found.length, JSON.stringify(tiles[0]!.facts))
    await show(job)
  }
  expect(1).toBe(1)
}, 100000)
