import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { JobType, StepReport } from '../job-type.ts'
import { inAnyFormat } from '../point-clouds/in-any-format.ts'
import { inspectedFiles, runJobType, temporaryFolder } from '../run-job.fixture.ts'
import { alsAnalysisOf } from '../segmentation-3d/als-analysis.ts'
import { segmentation3D } from '../segmentation-3d/segmentation-3d.ts'
import { extractGround } from './extract-ground.ts'
import { readPlaces, readSegmented } from './read-segmented.fixture.ts'
import { writeTerrain } from './terrain.fixture.ts'

const outputs = ['segmentedPointCloud', 'segmentation3D']
const { signal } = new AbortController()
const plyHead = (count: number, face = '') =>
  `ply\nformat ascii 1.0\nelement vertex ${count}\n${['x', 'y', 'z', 'intensity']
    .map((name) => `property double ${name}\n`)
    .join('')}${face}end_header\n`

/** The same points as LAS, and as PLY and as text. */
async function writtenThrice() {
  const folder = await temporaryFolder()
  const las = await writeTerrain(folder, 'hill.las')
  const { x, y, z } = await readPlaces(las)
  const lines = [...x].map((east, i) => [east, y[i]!, z[i]!].map((one) => one.toFixed(3)).join(' '))
  const [ply, xyz] = [join(folder, 'hill.ply'), join(folder, 'hill.xyz')]
  await writeFile(ply, `${plyHead(lines.length)}${lines.map((line, i) => `${line} ${i % 900}`).join('\n')}\n`)
  await writeFile(xyz, `${lines.join('\n')}\n`)
  return { folder, las, ply, xyz }
}

const classesOf = async (run: Awaited<ReturnType<typeof runJobType>>) =>
  (await readSegmented(run.path('segmentedPointCloud', 'segmentedPointCloud.las'))).classes

test('PLY and text get the classes of the same points as LAS, of ground and of another detector in tiles, and the plan counts what brings them into it', async () => {
  const { las, ply, xyz } = await writtenThrice()
  const inTiles = inAnyFormat({ ...segmentation3D, ...alsAnalysisOf(10_000) }, 'pointClouds')
  const ofLas = async (type: JobType) =>
    classesOf(await runJobType(type, { inputs: { pointClouds: las }, outputs }))
  const ground = await ofLas(extractGround)
  for (const [type, path, wanted] of [
    [extractGround, ply, ground],
    [extractGround, xyz, ground],
    [inTiles, ply, await ofLas(inTiles)],
  ] as [JobType, string, Uint8Array][]) {
    const reports: StepReport[] = []
    const inputs = { pointClouds: path }
    const onReport = (report: StepReport) => void reports.push(report)
    const run = await runJobType(type, { inputs, outputs, onReport })
    expect(await classesOf(run)).toEqual(wanted)
    expect(run.warnings.map(({ code }) => code)).toContain('Unit_Assumed')

    const pointClouds = await inspectedFiles(path)
    const planned = { outputs, threads: 1 }
    const plan = await type.plan({ inputs: { pointClouds }, ...planned })
    const sizes = 2 * pointClouds[0]!.source.sizeBytes
    expect(plan[0]).toMatchObject({ step: 'Prepare_Production', part: 'convert 1', total: sizes })
    expect(plan[0]!.secondsEach).toBeGreaterThan(0)
    expect(run.steps[0]).toMatchObject({ part: 'convert 1', done: sizes, total: sizes })
    // What is planned of the LAS that came of it is told as soon as it is there.
    const ahead = reports.findLast(({ part }) => part === 'convert 1')!.ahead!
    const known = await type.plan({ inputs: { pointClouds: await inspectedFiles(las) }, ...planned })
    expect(ahead.map(({ step, part, total }) => [step, part, total])).toEqual(
      known.map(({ step, part, total }) => [step, part, total]),
    )
    expect(plan.slice(1).map(({ step, part }) => [step, part])).toEqual(
      known.map(({ step, part }) => [step, part]),
    )
  }
})

test('columns of a PLY stay beside the classes, and its room in scratch is told', async () => {
  const { las, ply } = await writtenThrice()
  const run = await runJobType(extractGround, { inputs: { pointClouds: ply }, outputs })
  const { header, records } = await readSegmented(run.path('segmentedPointCloud', 'segmentedPointCloud.las'))
  const intensities = Array.from({ length: 5 }, (_, i) =>
    records.readUInt16LE((899 + i) * header.pointRecordLength + 12),
  )
  expect(intensities).toEqual([899, 0, 1, 2, 3])
  const bytesOf = async (path: string) =>
    (await extractGround.inspect({ pointClouds: await inspectedFiles(path) }, outputs, signal, {}))
      .resultBytes
  expect((await bytesOf(ply)) - (await bytesOf(las))).toBeGreaterThanOrEqual(30 * header.pointCount)
})

test('meshes are refused before and when they are read, and clouds that have to be converted are not divided', async () => {
  const { folder, las, ply } = await writtenThrice()
  const mesh = join(folder, 'mesh.ply')
  const face = 'element face 1\nproperty list uchar int vertex_indices\n'
  await writeFile(mesh, `${plyHead(3, face)}0 0 0 1\n1 0 0 1\n0 1 0 1\n3 0 1 2\n`)
  const pointClouds = await inspectedFiles(mesh)
  const { faults } = await extractGround.inspect({ pointClouds }, outputs, signal, {})
  expect(faults.map(({ input, error }) => [input, error.code, error.params[0]])).toEqual([
    ['pointClouds', 'InputData_NotAPointCloud', 'mesh.ply'],
  ])
  // No stretch that foretells an OBJ has the face.
  const hidden = join(folder, 'hidden.obj')
  const vertices = (count: number) => Array.from({ length: count }, (_, i) => `v ${i % 100} ${i} 0.125`)
  await writeFile(hidden, [...vertices(8000), 'f 1 2 103', ...vertices(24_000)].join('\n'))
  const unseen = { pointClouds: await inspectedFiles(hidden) }
  expect((await extractGround.inspect(unseen, outputs, signal, {})).faults).toEqual([])
  for (const path of [mesh, hidden])
    await expect(runJobType(extractGround, { inputs: { pointClouds: path }, outputs })).rejects.toMatchObject(
      {
        jobMessage: { code: 'InputData_NotAPointCloud' },
      },
    )
  const isLarge = async (path: string) =>
    extractGround.division!.isLarge(
      { inputs: { pointClouds: await inspectedFiles(path) }, outputs, threads: 1 },
      100,
    )
  expect([await isLarge(las), await isLarge(ply)]).toEqual([true, false])
})
