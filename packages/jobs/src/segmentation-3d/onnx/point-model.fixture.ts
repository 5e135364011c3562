// Detectors of point clouds whose classes are known by construction: scores that are linear in the features, so that one class
// gives way to the next at a height that can be said.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { detectorArchive } from '../../detector/detector.fixture.ts'
import { field, message, node, onnxModel, tensor, valueInfo } from '../../detector/onnx.fixture.ts'
import type { InputDetector } from '../../job-type.ts'
import { inputFiles } from '../../run-job.fixture.ts'

/** Below the first height, between them, above the second. */
export const heights = [1.5, 7.5] as const
/** Lines that cross at these heights: 0, 4 (h - 1.5), 8 h - 36. */
export const lines = { slopes: [0, 4, 8], offsets: [0, -4 * heights[0], -4 * (heights[0] + heights[1])] }

export const labels = [
  { id: 0, name: 'ground', classification: 2 },
  { id: 1, name: 'middle', classification: 4 },
  { id: 2, name: 'high', classification: 6 },
]

export function floats(name: string, dims: number[], values: readonly number[]): Uint8Array {
  return tensor(name, dims, new Uint8Array(Float32Array.from(values).buffer))
}

/** [N, 1] or [1, N, 1] to scores of the three classes; sizes as they are said. */
export function heightModel(
  points: number | string = 'n',
  batch = false,
  more: Uint8Array[] = [],
): Uint8Array {
  const sizes = batch ? [1, points] : [points]
  return onnxModel({
    nodes: [
      ...more,
      node('MatMul', ['points', 'slopes'], ['rising']),
      node('Add', ['rising', 'offsets'], ['scores']),
    ],
    initializers: [floats('slopes', [1, 3], lines.slopes), floats('offsets', [3], lines.offsets)],
    inputs: [valueInfo('points', [...sizes, 1])],
    outputs: [valueInfo('scores', [...sizes, 3])],
  })
}

/** [1, 2, N] to scores [1, 3, N]; the first of the two numbers of a point does not count. */
export function transposedHeightModel(points: number | string = 'n'): Uint8Array {
  return onnxModel({
    nodes: [node('MatMul', ['slopes', 'points'], ['rising']), node('Add', ['rising', 'offsets'], ['scores'])],
    initializers: [
      floats(
        'slopes',
        [3, 2],
        lines.slopes.flatMap((slope) => [0, slope]),
      ),
      floats('offsets', [3, 1], lines.offsets),
    ],
    inputs: [valueInfo('points', [1, 2, points])],
    outputs: [valueInfo('scores', [1, 3, points])],
  })
}

/** What goes in is what comes out, through these nodes from `points` to `scores`. */
export function modelOf(nodes: Uint8Array[], features = 1, initializers: Uint8Array[] = []): Uint8Array {
  return onnxModel({
    ...{ nodes, initializers },
    inputs: [valueInfo('points', ['n', features])],
    outputs: [valueInfo('scores', ['n', 'c'])],
  })
}

export function int64s(name: string, dims: number[], values: readonly (bigint | number)[]): Uint8Array {
  const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer)
  return message(...dims.map((size) => field(1, size)), field(2, 7), field(8, name), field(9, bytes))
}

/** A Loop that adds nothing so many times. */
export function loopingModel(times: bigint): Uint8Array {
  const scalar = (name: string, type: number) =>
    message(field(1, name), field(2, field(1, message(field(1, type), field(2, message())))))
  const body = message(
    field(1, node('Identity', ['going'], ['still'])),
    field(1, node('Identity', ['before'], ['after'])),
    field(2, 'body'),
    ...[scalar('turn', 7), scalar('going', 9), valueInfo('before', ['n', 1])].map((one) => field(11, one)),
    ...[scalar('still', 9), valueInfo('after', ['n', 1])].map((one) => field(12, one)),
  )
  const attribute = field(5, message(field(1, 'body'), field(6, body), field(20, 5)))
  const always = message(field(2, 9), field(8, 'always'), field(9, Uint8Array.of(1)))
  return onnxModel({
    nodes: [
      node('Loop', ['times', 'always', 'points'], ['same'], attribute),
      node('MatMul', ['same', 'slopes'], ['scores']),
    ],
    initializers: [int64s('times', [], [times]), always, floats('slopes', [1, 3], lines.slopes)],
    inputs: [valueInfo('points', ['n', 1])],
    outputs: [valueInfo('scores', ['n', 3])],
  })
}

/** An exponential for each of so many copies of a number, which are added up again. */
export function wideningModel(times: number): Uint8Array {
  const nodes = [
    node('Expand', ['points', 'shape'], ['wide']),
    node('Sigmoid', ['wide'], ['bent']),
    node('ReduceSum', ['bent', 'axis'], ['sum']),
    node('MatMul', ['sum', 'slopes'], ['scores']),
  ]
  const sizes = [int64s('shape', [3], [times, 1, 1]), int64s('axis', [1], [0])]
  return modelOf(nodes, 1, [...sizes, floats('slopes', [1, 3], lines.slopes)])
}

/** Of heights above the ground, unless `changes` say otherwise. */
export function pointManifest({ input = {}, ...changes }: Record<string, unknown> = {}) {
  return {
    ...{ task: 'SemanticSegmentation3D', layout: 'point-scores', labels },
    input: { features: ['heightAboveGround'], ...(input as object) },
    ...changes,
  }
}

export async function writeDetector(
  folder: string,
  model: Uint8Array = heightModel(),
  changes: Record<string, unknown> = {},
  name = 'detector.zip',
): Promise<{ path: string; detectors: Record<string, InputDetector> }> {
  const path = join(folder, name)
  await writeFile(path, detectorArchive(pointManifest(changes), model))
  return { path, detectors: { pointCloudSegmentationDetector: { files: await inputFiles(path) } } }
}
