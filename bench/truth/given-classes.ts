// A segmentation that is given: the classes that `@alidade/als-basic` tells of a survey, many times side by side.
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { alsBasicDetector } from '@alidade/contract'
import { parseContextScene, writeContextScene } from '@alidade/formats'
import { runAttempt } from '../../packages/server/src/agent/run-attempt.ts'
import { localOutputs } from '../local-outputs.ts'
import { shiftedCopies } from './shifted-copies.ts'

/** Returns the folder of the scene and its clouds. */
export async function givenClasses(path: string, copies: number, folder: string): Promise<string> {
  const segmented = await segmentationOf(path, folder)
  const cloud = (await readdir(segmented)).find((name) => /\.la[sz]$/.test(name))!
  const [into] = await shiftedCopies([[join(segmented, cloud)]], copies, join(folder, 'given'))
  const names = (await readdir(into!)).sort()
  const { Annotations } = parseContextScene(await readFile(join(segmented, 'ContextScene.json')))
  const scene = writeContextScene({
    PointCloudCollection: { PointClouds: new Map(names.map((Path, i) => [String(i), { Name: Path, Path }])) },
    Annotations: { Labels: Annotations!.Labels!, Segmentation3D: { Path: names[0]! } },
  })
  await writeFile(join(into!, 'ContextScene.json'), scene)
  return into!
}

async function segmentationOf(path: string, folder: string): Promise<string> {
  const [into, scratch] = ['segmented', 'scratch'].map((name) => join(folder, name)) as [string, string]
  for (const made of [into, scratch]) await mkdir(made)
  const file = { name: basename(path), segments: [{ path, sizeBytes: (await stat(path)).size }] }
  const result = await runAttempt({
    type: 'segmentation3D',
    inputs: { pointClouds: [file] },
    detectors: {
      pointCloudSegmentationDetector: { library: { name: alsBasicDetector.name, version: '1.0' } },
    },
    options: {},
    outputs: localOutputs({ segmentation3D: into }),
    scratch,
    threads: 2,
    memoryLimitMegabytes: 16_000,
    loggedAs: 'standard error',
    signal: new AbortController().signal,
    onProgress: () => undefined,
  })
  if (result.state !== 'success') throw new Error(JSON.stringify(result))
  return into
}
