// Files of detectors that will do.
import type { DetectorManifest } from '@alidade/contract'
import { onnxModel } from './onnx.fixture.ts'
import { zip } from './zip.fixture.ts'

export const manifest = {
  version: 1,
  task: 'SemanticSegmentation2D',
  layout: 'class-scores',
  labels: [
    { id: 0, name: 'background' },
    { id: 1, name: 'crack', line: true },
  ],
  input: { width: 64, height: 64 },
} as const satisfies DetectorManifest

export const metadataXml = `<?xml version="1.0" encoding="utf-8"?>
<!-- as shipped -->
<Metadata>
  <DateTime>2026-04-02T08:00:00Z</DateTime><Version>1.0</Version><TaskType>SemanticSegmentation2D</TaskType>
  <SubTaskType>Image</SubTaskType><Model>DeepLab</Model><Features><Feature>RGB</Feature></Features>
  <Parameters2D><Width>64</Width><Height>64</Height><Resize>true</Resize></Parameters2D>
</Metadata>
`
export const labelsXml = `<?xml version="1.0"?>
<Labels><Label id="1"><Name>crack &amp; joint</Name><Line>true</Line></Label><Label id="7"><Name>rust</Name><Contour>True</Contour></Label></Labels>`

/** `alidade-detector.json` and `model.onnx`. */
export function detectorArchive(
  changes: Record<string, unknown> = {},
  model: Uint8Array = onnxModel(),
): Uint8Array {
  return zip([
    { name: 'alidade-detector.json', data: JSON.stringify({ ...manifest, ...changes }) },
    { name: 'model.onnx', data: model, stored: true },
  ])
}
