// A run that finds what an earlier one has kept writes the same bytes, and does not do that work again.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { keptInMemory } from '../kept-in-memory.fixture.ts'
import { runJob, temporaryFolder } from './run-job.fixture.ts'
import { type Surface, withCrate, withHeap, writeSurvey } from './two-surveys.fixture.ts'

/** Five runs, on a machine that may have other work. */
const patienceMs = 120_000

/** As a folder would, in memory; `taken` are the names of what was found. */
const isShifted =
  (surface: Surface): Surface =>
  (x, y) =>
    surface(x, y) + 0.5

async function surveys(before: Surface, after: Surface): Promise<[string, string]> {
  const folder = await temporaryFolder()
  return [
    await writeSurvey(folder, 'march.las', before, { seed: 1, density: 3 }),
    await writeSurvey(folder, 'april.las', after, { seed: 2, density: 3 }),
  ]
}

test.each([
  ['surveys that lie well', withHeap, {}],
  ['surveys beside each other', isShifted(withHeap), {}],
])(
  'a run over what another one kept of %s gives the same bytes, whatever part of it is there',
  async (_, after, options) => {
    const paths = await surveys(withCrate, after)
    const undisturbed = await runJob(...paths, { options })
    const { kept, taken, columnsOf } = keptInMemory()
    const runAgain = async () => {
      taken.length = 0
      const again = await runJob(...paths, { options, kept })
      expect(await again.files()).toEqual(await undisturbed.files())
      expect(again.warnings).toEqual(undisturbed.warnings)
      // Counted as if it had been done.
      expect(again.steps).toEqual(undisturbed.steps)
      return [...taken]
    }
    expect(await runAgain()).toEqual([])
    const names = [...columnsOf.keys()]
    expect((await runAgain()).sort()).toEqual(names.sort())
    for (const odd of [0, 1]) {
      for (const [i, name] of names.entries()) if (i % 2 === odd) columnsOf.delete(name)
      await runAgain()
      expect([...columnsOf.keys()].sort()).toEqual(names)
    }
  },
  patienceMs,
)

const laz = resolve(
  import.meta.dirname,
  '../../../..',
  process.env.ALIDADE_TEST_DATA ?? '../shared/data',
  'pointcloud/isprs/samp11-utm.laz',
)
const without = !existsSync(laz)
test.skipIf(without)(
  `points of LAZ are kept, those of LAS are not${without ? ' [skipped: no data at ALIDADE_TEST_DATA]' : ''}`,
  async () => {
    const outputs = ['objects3D']
    const las = await writeSurvey(await temporaryFolder(), 'survey.las', withCrate, { seed: 1, density: 3 })
    const ofLas = keptInMemory()
    await runJob(las, las, { outputs, kept: ofLas.kept })
    expect([...ofLas.columnsOf.keys()].filter((name) => name.startsWith('file'))).toEqual([])
    const { kept, taken, columnsOf } = keptInMemory()
    const first = await runJob(laz, laz, { outputs, kept })
    expect([...columnsOf.keys()].filter((name) => name.startsWith('file'))).toEqual(['file-1', 'file-2'])
    const second = await runJob(laz, laz, { outputs, kept })
    expect(await second.files()).toEqual(await first.files())
    expect(second.steps).toEqual(first.steps)
    expect(taken).toEqual(expect.arrayContaining(['file-1', 'file-2']))
  },
  patienceMs,
)
