import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { memorySource } from '@alidade/formats'
import { expect, test } from 'vitest'
import type { InspectedFile, PlannedPart } from '../job-type.ts'
import { inspectedFiles, temporaryFolder } from './run-job.fixture.ts'
import { costsOfDiffering, differingByChanged, differingBySample, planChangeDetection } from './step-costs.ts'
import { bare, writeSurvey } from './two-surveys.fixture.ts'

const root = resolve(import.meta.dirname, '../../../..')
const laz = join(
  resolve(root, process.env.ALIDADE_TEST_DATA ?? '../shared/data'),
  'pointcloud/isprs/CSite3_orig-utm.laz',
)
const without = !existsSync(laz)
const note = without ? ' [skipped: no data at ALIDADE_TEST_DATA]' : ''

async function survey(): Promise<InspectedFile> {
  const path = await writeSurvey(await temporaryFolder(), 'survey.las', bare, { seed: 1 })
  return (await inspectedFiles(path))[0]!
}

interface Wanted {
  outputs?: string[]
  threads?: number
}
const plan = (modelA: InspectedFile[], modelB: InspectedFile[], { outputs = [], threads = 1 }: Wanted = {}) =>
  planChangeDetection({ inputs: { modelA, modelB }, outputs, threads })

function secondsOf(parts: readonly PlannedPart[], step: string): number {
  return parts.reduce((sum, part) => sum + (part.step === step ? part.total * part.secondsEach : 0), 0)
}

test('twice the points cost twice as much', async () => {
  const file = await survey()
  const [once, twice] = [await plan([file], [file]), await plan([file, file], [file, file])]
  for (const step of ['Read_Clouds', 'Compare_Clouds', 'Cluster_Changes'])
    expect(secondsOf(twice, step) / secondsOf(once, step), step).toBeCloseTo(2, 9)
})

test('a survey that tells no bounds before it is read is planned beside one that does', async () => {
  const points = Array.from({ length: 100 }, (_, i) => `${i} ${i % 10} 3`).join('\n')
  const text = { name: 'points.xyz', source: memorySource(new TextEncoder().encode(points)) }
  for (const parts of [await plan([await survey()], [text]), await plan([text], [await survey()])])
    for (const { part, total, secondsEach } of parts) expect(total >= 0 && secondsEach >= 0, part).toBe(true)
})

test('threads make what they share cheaper, and nothing dearer', async () => {
  const file = await survey()
  const [one, four] = [await plan([file], [file]), await plan([file], [file], { threads: 4 })]
  const distances = (parts: PlannedPart[]) => parts.find(({ part }) => part === 'distances')!.secondsEach
  expect(distances(four)).toBeCloseTo(distances(one) / 4, 12)
  for (const [i, { secondsEach }] of four.entries())
    expect(secondsEach).toBeLessThanOrEqual(one[i]!.secondsEach)
})

test('a survey that is written out again costs its writing, and the other one does not', async () => {
  const file = await survey()
  const [none, one, both] = [
    await plan([file], [file]),
    await plan([file], [file], { outputs: ['segmentedModel3DB'] }),
    await plan([file], [file], { outputs: ['segmentedModel3DA', 'segmentedModel3DB'] }),
  ].map((parts) => secondsOf(parts, 'Write_Results')) as [number, number, number]
  expect(one).toBeGreaterThan(none)
  expect(both - none).toBeCloseTo(2 * (one - none), 9)
})

test('a file that is no point cloud costs nothing and keeps its place: the run will say what is wrong', async () => {
  const file = await survey()
  const broken = { name: 'broken.las', source: memorySource(Buffer.from('not a point cloud')) }
  const parts = (await plan([file, broken], [file])).filter(({ step }) => step === 'Read_Clouds')
  expect(parts.map(({ part, total }) => [part, total > 0])).toEqual([
    ['file 1', true],
    ['file 2', false],
    ['file 3', true],
  ])
})

test.skipIf(without)(`a point of LAZ costs more to read than one of LAS${note}`, async () => {
  const [compressed] = await inspectedFiles(laz)
  const parts = await plan([compressed!], [await survey()])
  const [ofLaz, ofLas] = parts.map(({ secondsEach }) => secondsEach) as [number, number]
  expect(ofLaz).toBeGreaterThan(5 * ofLas)
})

test('surveys that differ more cost more to compare and to describe, and equal ones nothing to describe', () => {
  const [alike, some, much] = [0, 0.01, 0.1].map((apart) =>
    costsOfDiffering(1e6, 2, differingBySample(apart)),
  ) as [PlannedPart[], PlannedPart[], PlannedPart[]]
  const describing = ['seen', 'outline', 'volumes', 'describe']
  for (const [i, { part, total, secondsEach }] of much.entries()) {
    expect(total * secondsEach, part).toBeGreaterThan(some[i]!.total * some[i]!.secondsEach)
    if (describing.includes(part!)) expect(alike[i]!.total * alike[i]!.secondsEach, part).toBe(0)
  }
})

test('what is told once points are grouped names parts of the plan, with the totals that it has', async () => {
  const file = await survey()
  const parts = await plan([file], [file])
  const count = parts.find(({ part }) => part === 'offsets')!.total
  for (const { step, part, total } of costsOfDiffering(count, 1, differingByChanged(0.2))) {
    const planned = parts.find((one) => one.step === step && one.part === part)!
    if (part !== 'volumes') expect(planned.total, part).toBe(total)
  }
})
