// The job type segmentation3D: here the detector decides which analysis classifies the points.
import { groundDetector, jobTypes } from '@alidade/contract'
import { groundAnalysis } from '../extract-ground/ground-analysis.ts'
import { byDetector } from './by-detector.ts'
import { onnxAnalysis } from './onnx/onnx-analysis.ts'

export const segmentation3D = byDetector(
  jobTypes.segmentation3D,
  new Map([[groundDetector.name, groundAnalysis]]),
  onnxAnalysis,
)
