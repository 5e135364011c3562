// All outputs that were asked for, of changes that have been found.
import type { Change, RigidMotion } from '@alidade/analysis'
import type { JobContext } from '../job-type.ts'
import type { FoundChanges } from './found-change.ts'
import { type Epoch, segmentedOutput } from './segmented-clouds.ts'
import type { Step } from './step-costs.ts'
import { writeLocations } from './write-locations.ts'
import { writeLocationsOfEpochs } from './write-locations-of-epochs.ts'
import { writeScene } from './write-scene.ts'
import { writeSegmentation } from './write-segmentation.ts'
import { writeSegmented } from './write-segmented.ts'
import { writeShapefile } from './write-shapefile.ts'

/** What a segmented survey needs besides its changes. */
export interface SegmentedSurvey {
  /** Of every point, in file order. */
  distance: Float32Array
  motion?: RigidMotion | undefined
  /** The changes with the numbers that points have in the survey, where those of `found` are others. */
  changes?: Change[]
}

/** `surveyOf` is asked once for each survey that is written out, when its turn comes. */
export async function writeResults(
  { outputs, options, progress, signal, threads, warn }: JobContext<Step>,
  found: FoundChanges,
  surveyOf: (epoch: Epoch) => Promise<SegmentedSurvey>,
): Promise<void> {
  const total = found.changes.length + 1
  const locating = progress.begin('Write_Results', { part: 'locations', total, unit: 'records' })
  if (outputs.objects3D) await writeScene(outputs.objects3D, found)
  if (outputs.exportedLocations3DGeoJSON) await writeLocations(outputs.exportedLocations3DGeoJSON, found)
  if (outputs.exportedLocations3DSHP)
    await writeShapefile(outputs.exportedLocations3DSHP, found, options.exportSrs)
  await writeLocationsOfEpochs(outputs, found, options)
  locating.advance(total)
  const clouds = { A: found.a, B: found.b }
  const toWrite = epochs.filter((epoch) => segmentedOutput(epoch, outputs) !== undefined)
  const points = toWrite.reduce((sum, epoch) => sum + clouds[epoch].pointCount, 0)
  const writing = progress.begin('Write_Results', { part: 'segmented', total: points, unit: 'points' })
  for (const epoch of toWrite) {
    const { cloud, scene } = segmentedOutput(epoch, outputs)!
    const { distance, motion, changes = found.changes } = await surveyOf(epoch)
    const files = await writeSegmented(cloud, {
      cloud: clouds[epoch],
      distance,
      changes,
      epoch,
      motion,
      signal,
      threads,
      warn,
      onWritten: (written) => writing.advance(written),
    })
    if (scene) await writeSegmentation(scene, { cloud, files, found })
  }
}

const epochs: readonly Epoch[] = ['A', 'B']
