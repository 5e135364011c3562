// What the segmentation tells of its stages, as parts of a step.
import type { SegmentStage } from '@alidade/analysis'
import type { Progress, StepProgress } from '../job-type.ts'

/** Each stage is begun when it first tells of itself, with as much as it then knows to come. */
export function segmentCounts(
  progress: Progress<'Classify_Points'>,
): (stage: SegmentStage, done: number, total: number) => void {
  const begun = new Map<SegmentStage, StepProgress>()
  return (stage, done, total) => {
    let counting = begun.get(stage)
    if (counting === undefined) {
      const unit = stage === 'thin' ? 'points' : 'samples'
      counting = progress.begin('Classify_Points', { part: stage, total, unit })
      begun.set(stage, counting)
    }
    counting.advance(done)
  }
}
