// What the segmentation tells of its stages, as parts of a step.
import type { SegmentStage } from '@alidade/analysis'
import type { PartCost, Progress, StepProgress } from '../job-type.ts'

const unitOf: Record<SegmentStage, string> = {
  ...{ heights: 'points', thin: 'points', classes: 'points', footprints: 'cells' },
  ...{ measure: 'samples', roofs: 'samples', wires: 'samples', poles: 'samples' },
}

/**
 * Each stage is begun when it first tells of itself, with as much as it then knows to come. `ahead`: what is yet to come of so many
 * samples, once they are known.
 */
export function segmentCounts(
  progress: Progress<'Classify_Points'>,
  ahead: (samples: number) => PartCost[],
): (stage: SegmentStage, done: number, total: number) => void {
  const begun = new Map<SegmentStage, StepProgress>()
  return (stage, done, total) => {
    const known = begun.get(stage)
    const counting = known ?? progress.begin('Classify_Points', { part: stage, total, unit: unitOf[stage] })
    begun.set(stage, counting)
    counting.advance(done, known === undefined && stage === 'measure' ? ahead(total) : undefined)
  }
}
