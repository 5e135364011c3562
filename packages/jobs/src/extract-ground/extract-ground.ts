// The job type extractGround: the detectors that tell the ground.
import { groundDetector, jobTypes } from '@alidade/contract'
import { byDetector } from '../segmentation-3d/by-detector.ts'
import { groundAnalysis } from './ground-analysis.ts'

export const extractGround = byDetector(
  jobTypes.extractGround,
  new Map([[groundDetector.name, groundAnalysis]]),
)
