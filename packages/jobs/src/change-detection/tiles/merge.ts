// The changes among what all tiles have measured, and the results that tell of them.
import { jobWarningMessage } from '@alidade/contract/jobs'
import { JobError } from '../../job-error.ts'
import type { MergeContext } from '../../job-type.ts'
import { type Cloud, closeClouds, openCloud } from '../../point-clouds/cloud.ts'
import { releaseMemory } from '../../release-memory.ts'
import { broughtFiles } from '../bring-into-las.ts'
import { shownInputOf } from '../epoch-inputs.ts'
import { readExtentOf } from '../open-surveys.ts'
import type { Step } from '../step-costs.ts'
import { writeResults } from '../write-results.ts'
import { DividedRun } from './evidence-of-tiles.ts'
import { findInTiles } from './find-in-tiles.ts'
import { factsOf } from './tile-costs.ts'
import { readOwnPoints } from './tile-results.ts'
import { readWhole, wholeName } from './whole.ts'

export async function merge(context: MergeContext<Step>): Promise<void> {
  const { inputs, divided, tiles, signal, warn } = context
  const whole = await readWhole(divided[wholeName]!)
  const results = [...tiles]
    .sort((one, other) => factsOf(one.tile).number - factsOf(other.tile).number)
    .map((tile) => tile.results)
  const clouds: Cloud[] = []
  try {
    for (const epoch of ['A', 'B'] as const)
      clouds.push(await openCloud(shownInputOf(epoch, inputs), broughtFiles(epoch, inputs, divided), signal))
    const [a, b] = clouds as [Cloud, Cloud]
    for (const [epoch, { pointCount, files, input }] of clouds.entries())
      if (pointCount !== whole.pointCounts[epoch])
        throw new JobError('InputData_Changed', [files[0]!.name, input])
    const run = new DividedRun(whole, context, results)
    const extent = await readExtentOf(inputs, { a, b })
    const { changes, gathered, settled, unseenGroups, low, lowColour } = await findInTiles(
      run,
      context,
      extent,
    )
    releaseMemory()
    if (unseenGroups > 0) warn(jobWarningMessage('Area_Unseen', String(unseenGroups)))
    const numbered = changes.map((change) => ({
      ...change,
      indicesA: change.indicesA.map((i) => gathered[0].number[i]!),
      indicesB: change.indicesB.map((i) => gathered[1].number[i]!),
    }))
    const [ofA, ofB] = gathered
    const found = {
      ...{ changes, a, b, low, evidenceA: ofA.evidence, evidenceB: ofB.evidence },
      ...(lowColour !== undefined && {
        byColour: { low: lowColour, evidenceA: ofA.difference, evidenceB: ofB.difference },
      }),
    }
    await writeResults(context, found, async (name) => {
      const epoch = name === 'A' ? 0 : 1
      const distance = new Float32Array(whole.pointCounts[epoch])
      for (const [tile, files] of results.entries()) {
        const { number, lying } = await readOwnPoints(files, epoch, signal, ['number', 'lying'])
        const { open, lying: known } = settled[tile]![epoch]
        for (let k = 0; k < open.length; k++) lying[open[k]!] = known[k]!
        for (let i = 0; i < number.length; i++) distance[number[i]!] = lying[i]!
      }
      return { distance, changes: numbered, motion: epoch === 1 ? whole.motion : undefined }
    })
  } finally {
    await closeClouds(clouds)
  }
}
