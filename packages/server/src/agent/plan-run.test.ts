import { jobTypes } from '@alidade/contract'
import type { PlannedPart } from '@alidade/jobs'
import { expect, test } from 'vitest'
import { createPercentage } from './percentage.ts'
import { aroundParts, planRun } from './plan-run.ts'

const type = 'changeDetection' as const
const unknown = { type, inputs: {}, outputs: ['objects3D'], threads: 1, bytesToFetch: 0 }

test('a plan begins with fetching and starting the runner, ends with publishing, and follows the declared steps', async () => {
  const plan = await planRun(unknown)
  expect(plan.slice(0, 2).map(({ step, part }) => `${step}/${part}`)).toEqual([
    'Prepare_Production/fetch',
    'Prepare_Production/start',
  ])
  expect(plan.at(-1)).toMatchObject({ step: 'Write_Results', part: 'publish', total: 1 })
  const steps: readonly string[] = jobTypes[type].steps
  const order = plan.map(({ step }) => steps.indexOf(step))
  expect(order).toEqual([...order].sort((a, b) => a - b))
})

test('what is published is counted by the files that parts are going to write, a result having one at least', () => {
  const part = { step: 'Write_Results', total: 1, secondsEach: 1 }
  const around = { firstStep: 'Read_Clouds', lastStep: 'Write_Results', bytesToFetch: 0, results: 3 }
  const files = (...parts: PlannedPart[]) => aroundParts(parts, around).at(-1)!.total
  expect([
    files(part),
    files({ ...part, files: 2 }),
    files({ ...part, files: 96 }, { ...part, files: 1 }),
  ]).toEqual([3, 3, 97])
})

test('bytes that come over a network have their share, those on this machine have none', async () => {
  const [here, far] = [await planRun(unknown), await planRun({ ...unknown, bytesToFetch: 1e9 })]
  const seconds = ({ total, secondsEach }: PlannedPart) => total * secondsEach
  expect(seconds(here[0]!)).toBe(0)
  expect(seconds(far[0]!)).toBeGreaterThan(1)
})

test('a run of which nothing is known still has a percentage', async () => {
  const percentage = createPercentage(await planRun(unknown))
  percentage.update({ step: 'Prepare_Production', part: 'start', done: 1, total: 1 })
  expect(percentage.value).toBeGreaterThan(0)
  percentage.update({ step: 'Write_Results', part: 'publish', done: 1, total: 1 })
  expect(percentage.value).toBeCloseTo(100, 9)
})
