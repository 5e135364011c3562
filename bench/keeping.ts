/**
 * What it costs a run to keep results of its long parts for another attempt, and what is left to do for one that finds
 * all of them.
 *
 *   node bench/keeping.ts [--rounds 3] [--threads 2] [--input halves|tiles]
 *
 * Needs ALIDADE_TEST_DATA (default ../shared/data). Alternating rounds in this process on the Autzen halves (LAS) or tiles
 * (LAZ): keeping nothing, keeping, and finding everything kept. Prints for each the seconds and the core seconds of
 * every round, and the size of what was kept. Core seconds are those to compare where the machine has other work too.
 */
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type JobContext, jobTypeImplementations } from '@alidade/jobs'
import { openKeptFiles } from '../packages/server/src/runner/kept-files.ts'
import { autzenHalves } from './autzen-halves.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    threads: { type: 'string', default: '2' },
    input: { type: 'string', default: 'halves' },
  },
})
const data = resolve(process.env.ALIDADE_TEST_DATA ?? '../shared/data')
const folder = await mkdtemp(join(tmpdir(), 'alidade-keeping-'))
const keptDir = join(folder, 'kept')
const paths =
  values.input === 'tiles'
    ? [1, 2].map((tile) => join(data, `pointcloud/perf/autzen-tile${tile}-ft.laz`))
    : await autzenHalves(data, folder)

async function runOnce(kept?: JobContext['kept']): Promise<string> {
  const output = await mkdtemp(join(folder, 'out-'))
  const began = performance.now()
  const before = process.cpuUsage()
  await jobTypeImplementations.changeDetection.run({
    inputs: Object.fromEntries(
      await Promise.all(
        paths.map(async (path, i) => [
          ['modelA', 'modelB'][i],
          [{ name: basename(path), segments: [{ path, sizeBytes: (await stat(path)).size }] }],
        ]),
      ),
    ),
    options: {},
    outputs: {
      objects3D: { path: (name) => join(output, name), name: 'objects3D', reference: '../objects3D' },
    },
    progress: { begin: () => ({ advance: () => undefined }) },
    signal: new AbortController().signal,
    scratch: folder,
    threads: Number(values.threads),
    warn: () => undefined,
    kept,
  })
  const { user, system } = process.cpuUsage(before)
  await rm(output, { recursive: true })
  return `${((performance.now() - began) / 1000).toFixed(1)} s (${((user + system) / 1e6).toFixed(1)} core s)`
}

const openKept = () =>
  openKeptFiles({
    folder: join(keptDir, 'job'),
    fingerprint: 'bench',
    leaveBytes: 0,
    blockPoints: 4_000_000,
    onTake: () => undefined,
  })

try {
  await mkdir(keptDir)
  for (let round = 1; round <= Number(values.rounds); round++) {
    const nothing = await runOnce()
    const keeping = await runOnce(await openKept())
    const names = await readdir(join(keptDir, 'job'))
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(keptDir, 'job', name))).size))
    const megabytes = Math.round(sizes.reduce((sum, size) => sum + size, 0) / 1e6)
    const found = await runOnce(await openKept())
    await rm(join(keptDir, 'job'), { recursive: true })
    console.log(
      `round ${round}: keeping nothing ${nothing}, keeping ${megabytes} MB ${keeping}, all of it found ${found}`,
    )
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
