// The job type extractGround: the detectors that tell the ground.
import { groundDetector, jobTypes } from '@alidade/contract/jobs'
import { inAnyFormat } from '../point-clouds/in-any-format.ts'
import { byDetector } from '../segmentation-3d/by-detector.ts'
import { groundAnalysis } from './ground-analysis.ts'
import { cloudInput } from './inspect.ts'

export const extractGround = inAnyFormat(
  byDetector(jobTypes.extractGround, new Map([[groundDetector.name, groundAnalysis]])),
  cloudInput,
)
