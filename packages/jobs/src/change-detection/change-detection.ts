// Change detection on point clouds: offsets of surfaces and exact distances, hysteresis, connected groups, boxes, volumes.
// README.md beside this file says how and with what limits.
import { compareClouds, keptUnder } from '@alidade/analysis'
import { jobTypes, jobWarningMessage } from '@alidade/contract'
import { countInTurn } from '../count-in-turn.ts'
import { JobError } from '../job-error.ts'
import type { InspectedFile, InputFile, Inspection, JobContext, JobType } from '../job-type.ts'
import { openInputFile } from '../open-input-file.ts'
import { boxesAsSurveyed, compareAligned, knownDeviation, seekShift, shiftWarning } from './align-surveys.ts'
import { type Cloud, closeClouds, openCloud } from '../point-clouds/cloud.ts'
import { applyRegistration, registrationAsked, registrationWarning, seekRegistration } from './register.ts'
import { readSurveys } from './read-surveys.ts'
import { isColoured, mayHaveColours, type SurveyPoints } from './colours.ts'
import { asJobError } from '../point-clouds/format-faults.ts'
import { exportSrsProblem } from '../point-clouds/export-srs.ts'
import { readExtent } from '../point-clouds/extent.ts'
import { bringIntoLas, isAnyForeign } from './bring-into-las.ts'
import { changeDivision, planRun, runInTiles } from './division.ts'
import { filesOf, inputOf, shownInputOf } from './epoch-inputs.ts'
import { findChanges, partsOfFindChanges } from './find-changes.ts'
import { commonCrs } from './found-change.ts'
import { inspectClouds } from './inspect.ts'
import { type Epoch, segmentedOutput } from './segmented-clouds.ts'
import { shownName } from './shown-name.ts'
import type { Step } from './step-costs.ts'
import { isRunInTiles } from './tiles/can-be-divided.ts'
import { areColoursAsked, areThresholdsAsked } from './thresholds.ts'
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
  const { inputs, outputs, progress, signal, threads, warn, kept } = context
  const opened: Cloud[] = []
  const others: InspectedFile[] = []
  try {
    const extentFile = inputs.extent?.[0] && (await openInputFile(inputs.extent[0]))
    if (extentFile !== undefined) others.push(extentFile)
    const inspected = (surveys: Record<string, InspectedFile[]>) =>
      inspectClouds(
        { ...surveys, ...(extentFile !== undefined && { extent: [extentFile] }) },
        Object.keys(outputs),
        signal,
        context.options,
      )
    const isForeign = epochs.some((epoch) => isAnyForeign(filesOf(epoch, inputs)))
    // What the headers tell is told before anything is converted, and again of what came of it.
    if (isForeign) refuseFaults(await inspectAsTheyCame(inputs, inspected))
    const { a: filesA, b: filesB, roughness } = await bringIntoLas(context)
    opened.push(await openCloud(shownInputOf('A', inputs), filesA, signal))
    opened.push(await openCloud(shownInputOf('B', inputs), filesB, signal))
    const [a, b] = opened as [Cloud, Cloud]
    const pointCount = a.pointCount + b.pointCount
    if (isRunInTiles(inputs, context.options, pointCount)) return await runInTiles(context, pointCount)
    const inspection = await inspected({
      [inputOf('A', inputs)]: a.files,
      [inputOf('B', inputs)]: b.files,
    })
    for (const warning of inspection.warnings) warn(warning)
    refuseFaults(inspection)
    const extent = extentFile && (await readExtent(shownName('extent'), extentFile, commonCrs({ a, b })))

    const rgb = areColoursAsked(context.options) && [a, b].every(({ headers }) => mayHaveColours(headers))
    const reading = { progress, signal, threads, rgb, kept }
    const [pointsA, pointsB] = (await readSurveys([a, b], reading)) as [SurveyPoints, SurveyPoints]
    const uncoloured = rgb ? [pointsA, pointsB].map((points) => !isColoured(points)) : []
    for (const [k, { input }] of [a, b].entries())
      if (uncoloured[k]) warn(jobWarningMessage('Colour_Missing', input))
    const withColours = rgb && !uncoloured.includes(true)
    const count = pointsA.x.length + pointsB.x.length

    const unit = commonCrs({ a, b })?.linearUnit.name ?? 'units'
    const model = registrationAsked(context.options)
    const sought = model && (await seekRegistration(pointsA, pointsB, model, { progress, signal }))
    if (sought) warn(registrationWarning(sought, unit))
    const registered = sought && (await applyRegistration(pointsB, sought, signal)) ? sought : undefined
    // Nothing is taken out of what lies where it was asked to.
    const shift = registered ? undefined : await seekShift(pointsA, pointsB, { progress, signal })
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

    const { unseenGroups, ...byEvidence } = await findChanges(pointsA, pointsB, compared, {
      options: context.options,
      withColours,
      signal,
      threads,
      extent,
      kept,
      onAdvance: countInTurn(
        progress,
        'Cluster_Changes',
        'points',
        partsOfFindChanges(context.options, count, withColours ? count : 0),
      ),
      shiftDeviation: knownDeviation(registered?.largestDeviation ?? shift?.deviation, roughness),
    })
    const { changes } = isAligned ? { changes: boxesAsSurveyed(byEvidence.changes, shift) } : byEvidence
    if (unseenGroups > 0) warn(jobWarningMessage('Area_Unseen', String(unseenGroups)))

    await writeResults(context, { ...byEvidence, changes, a, b }, async (epoch) => ({
      distance: { A: asTheyLie?.distanceA, B: asTheyLie?.distanceB }[epoch]!,
      motion: epoch === 'B' ? registered?.motion : undefined,
    }))
  } finally {
    await closeClouds(opened)
    for (const { source } of others) await source.close()
  }
}

/** Of files of any format, opened for it. */
async function inspectAsTheyCame(
  inputs: Record<string, InputFile[]>,
  inspect: (surveys: Record<string, InspectedFile[]>) => Promise<Inspection>,
): Promise<Inspection> {
  const opened: InspectedFile[] = []
  try {
    const surveys: Record<string, InspectedFile[]> = {}
    for (const epoch of epochs) {
      const files: InspectedFile[] = []
      surveys[inputOf(epoch, inputs)] = files
      for (const file of filesOf(epoch, inputs)) {
        const open = await openInputFile(file).catch((error: unknown) => {
          throw asJobError(error, shownInputOf(epoch, inputs), file.name)
        })
        opened.push(open)
        files.push(open)
      }
    }
    return await inspect(surveys)
  } finally {
    for (const { source } of opened) await source.close()
  }
}

function refuseFaults({ faults: [fault] }: Inspection): void {
  if (fault !== undefined) throw new JobError(fault.error)
}
