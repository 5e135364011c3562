// Vectors of clouds whose classes are known, through real files.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { alsBasicDetector } from '@alidade/contract'
import { parseContextScene, writeContextScene, writeLasPoints } from '@alidade/formats'
import { expect, test } from 'vitest'
import type { InputFile } from '../../job-type.ts'
import {
  inputFiles,
  inspectedFiles,
  type JobToRun,
  runJobType,
  temporaryFolder,
} from '../../run-job.fixture.ts'
import { segmentation3D } from '../segmentation-3d.ts'
import { corner, houses, lamps, town, trees, wires, writeTown } from '../town.fixture.ts'

const detectors = {
  pointCloudSegmentationDetector: { library: { name: alsBasicDetector.name, version: '1.0' } },
}
const vectors = ['objects3D', 'lines3D', 'polygons3D']
const { signal } = new AbortController()

type Job = Awaited<ReturnType<typeof runJobType>>
const annotationsOf = async (job: Job, output: string) =>
  parseContextScene(await job.read(output, 'ContextScene.json')).Annotations!

interface Labels {
  [code: string]: { Name: string; Object?: boolean; Contour?: boolean; Line?: boolean }
}

/** A scene with labels beside a cloud, as files of the input. */
async function givenScene(cloud: string, Labels?: Labels): Promise<(string | InputFile)[]> {
  const scene = join(await temporaryFolder(), 'ContextScene.json')
  const Annotations = {
    ...(Labels && { Labels: new Map(Object.entries(Labels)) }),
    Segmentation3D: { Path: 'cloud.las' },
  }
  await writeFile(scene, writeContextScene({ Annotations }))
  return [scene, cloud]
}

const runGiven = (files: (string | InputFile)[], outputs: string[], more: Partial<JobToRun> = {}) =>
  runJobType(segmentation3D, { inputs: { segmentation3D: files }, outputs, ...more })

test('what als-basic has found and written makes the same vectors when it is given back', async () => {
  const path = await writeTown(await temporaryFolder(), 'town.las')
  const found = await runJobType(segmentation3D, {
    inputs: { pointClouds: path },
    outputs: ['segmentation3D', ...vectors],
    detectors,
    options: { computeLineWidth: true },
  })
  const again = await runGiven(
    [
      found.path('segmentation3D', 'ContextScene.json'),
      found.path('segmentation3D', 'segmentedPointCloud.las'),
    ],
    vectors,
    { options: { computeLineWidth: true } },
  )
  console.log(again.steps)
  for (const [job, name] of [
    [found, 'als'],
    [again, 'again'],
  ] as const) {
    const o = [...(await annotationsOf(job, 'objects3D')).Objects3D!.Objects.values()].map(
      ({ LabelInfo, RotatedBox3D: { Box3D: b } }) =>
        [LabelInfo.LabelId, LabelInfo.Confidence, ...Object.values(b).map((v: any) => v.toFixed(2))].join(
          ' ',
        ),
    )
    const p = [...(await annotationsOf(job, 'polygons3D')).Polygons3D!.Polygons.values()].map(
      ({ Vertices }) =>
        [...Vertices.values()]
          .map(({ Position: { x, y, z } }) => `${x.toFixed(2)} ${y.toFixed(2)} ${z.toFixed(2)}`)
          .join('; '),
    )
    const l = [...(await annotationsOf(job, 'lines3D')).Lines3D!.Lines.values()].map(
      ({ Length, MeanDiameter, Vertices, LabelInfo }) =>
        `${LabelInfo.LabelId} ${Length} ${MeanDiameter} ${Vertices.size}`,
    )
    console.log(name, o.sort(), p, l)
  }
})
