// Change detection on point clouds: offsets of surfaces and exact distances, hysteresis, connected groups, boxes, volumes.
// README.md beside this file says how and with what limits.
import { compareClouds, keptUnder } from '@alidade/analysis'
import { jobTypes, jobWarningMessage } from '@alidade/contract/jobs'
import { countInTurn } from '../count-in-turn.ts'
import type { JobContext, JobType } from '../job-type.ts'
import { exportSrsProblem } from '../point-clouds/export-srs.ts'
import { boxesAsSurveyed, compareAligned, knownDeviation, seekShift, shiftWarning } from './align-surveys.ts'
import { isColoured, type SurveyPoints } from './colours.ts'
import { changeDivision, planRun, runInTiles } from './division.ts'
import { findChanges, partsOfFindChanges, shareChanged } from './find-changes.ts'
import { commonCrs } from './found-change.ts'
import { inspectClouds } from './inspect.ts'
import { areBothColoured, type OpenSurveys, withOpenSurveys } from './open-surveys.ts'
import { readSurveys } from './read-surveys.ts'
import { applyRegistration, registrationAsked, registrationWarning, seekRegistration } from './register.ts'
import { type Epoch, segmentedOutput } from './segmented-clouds.ts'
import {
  costsOfDiffering,
  type Differing,
  differingByChanged,
  differingBySample,
  type Step,
} from './step-costs.ts'
import { areThresholdsAsked } from './thresholds.ts'
import { isRunInTiles } from './tiles/in-tiles-from.ts'
import { foreseenPoints } from './foreseen-points.ts'
import { writeResults } from './write-results.ts'

export const changeDetection: JobType<Step> = {
  declaration: jobTypes.changeDetection,
  plan: planRun,
  optionFaults: ({ exportSrs }) => {
    const problem = exportSrsProblem(exportSrs)
    return problem === undefined ? [] : [{ option: 'exportSrs', problem }]
  },
  inspect: inspectClouds,
  division: changeDivision,
  run,
}

const epochs: readonly Epoch[] = ['A', 'B']

async function run(context: JobContext<Step>): Promise<void> {
  const points = await foreseenPoints(context.inputs)
  if (isRunInTiles(points)) await runInTiles(context, points)
  else await withOpenSurveys(context, (surveys) => runInMemory(context, surveys))
}

async function runInMemory(
  context: JobContext<Step>,
  { a, b, roughness, extent, mayHaveColours: rgb }: OpenSurveys,
): Promise<void> {
  const { outputs, progress, signal, threads, warn, kept } = context
  const reading = { progress, signal, threads, rgb, kept }
  const [pointsA, pointsB] = (await readSurveys([a, b], reading)) as [SurveyPoints, SurveyPoints]
  const withColours = rgb && areBothColoured({ a, b }, [pointsA, pointsB].map(isColoured), warn)
  const count = pointsA.x.length + pointsB.x.length

  const unit = commonCrs({ a, b })?.linearUnit.name ?? 'units'
  const model = registrationAsked(context.options)
  const sought = model && (await seekRegistration(pointsA, pointsB, model, { progress, signal }))
  if (sought) warn(registrationWarning(sought, unit))
  const registered = sought && (await applyRegistration(pointsB, sought, signal)) ? sought : undefined
  // Nothing is taken out of what lies where it was asked to.
  const aheadOf = (differing: Differing) => costsOfDiffering(count, threads, differing)
  const shift = registered
    ? undefined
    : await seekShift(pointsA, pointsB, {
        ...{ progress, signal },
        aheadOf: (apart) => aheadOf(differingBySample(apart)),
      })
  const isShifted = shift?.isSure === true
  const isAligned = isShifted && !areThresholdsAsked(context.options)
  if (isShifted) warn(shiftWarning(shift, unit))
  // Distances are written as the surveys lie; changes are told from how they would lie without the shift.
  const isDistanceAsked = epochs.some((epoch) => segmentedOutput(epoch, outputs) !== undefined)
  const comparing = countInTurn(progress, 'Compare_Clouds', 'points', {
    index: count,
    distances: count,
    ...(isAligned && isDistanceAsked && { alignedIndex: count, alignedDistances: count }),
  })
  const counting = { threads, signal, kept, onAdvance: comparing }
  const compareAsTheyLie = () =>
    compareClouds(pointsA, pointsB, {
      ...counting,
      absence: !isAligned,
      kept: keptUnder(kept, 'distances'),
      onIndexed: comparing,
    })
  const asTheyLie = isDistanceAsked || !isAligned ? await compareAsTheyLie() : undefined
  const compared = isAligned ? await compareAligned(pointsA, pointsB, shift, counting) : asTheyLie!

  comparing(0, aheadOf(differingByChanged(shareChanged(compared, context.options))))
  const [before, after] = partsOfFindChanges(context.options, count, withColours ? count : 0)
  const clustering = countInTurn(progress, 'Cluster_Changes', 'points', before)
  let areFootprintsKnown = false
  let describing: typeof clustering | undefined
  const { unseenGroups, ...byEvidence } = await findChanges(pointsA, pointsB, compared, {
    options: context.options,
    withColours,
    signal,
    threads,
    extent,
    kept,
    onAdvance: (points) => {
      if (!areFootprintsKnown) return clustering(points)
      describing ??= countInTurn(progress, 'Cluster_Changes', 'points', after)
      describing(points)
    },
    onGrouped: (points) => clustering(0, aheadOf(differingByChanged(points / count))),
    onFootprints: (total) => {
      areFootprintsKnown = true
      const volumes = progress.begin('Cluster_Changes', { part: 'volumes', total, unit: 'cells' })
      return (cells) => volumes.advance(cells)
    },
    shiftDeviation: knownDeviation(registered?.largestDeviation ?? shift?.deviation, roughness),
  })
  const { changes } = isAligned ? { changes: boxesAsSurveyed(byEvidence.changes, shift) } : byEvidence
  if (unseenGroups > 0) warn(jobWarningMessage('Area_Unseen', String(unseenGroups)))

  await writeResults(context, { ...byEvidence, changes, a, b }, async (epoch) => ({
    distance: { A: asTheyLie?.distanceA, B: asTheyLie?.distanceB }[epoch]!,
    motion: epoch === 'B' ? registered?.motion : undefined,
  }))
}
