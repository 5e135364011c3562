// What is a detector and what is not, told from files made byte by byte.
import { memorySource } from '@alidade/formats'
import { expect, test } from 'vitest'
import { type DeclaredDetector, defaultDetectorLimits as limits } from './detector.ts'
import { detectorArchive, labelsXml, manifest, metadataXml } from './detector.fixture.ts'
import { hostileArchives, hostileManifests, hostileModels } from './hostile-detectors.fixture.ts'
import { field, message, node, onnxGraph, onnxModel, tensor, valueInfo, varint } from './onnx.fixture.ts'
import { readDetector } from './read-detector.ts'
import { zip } from './zip.fixture.ts'

const segmentation: DeclaredDetector = { task: 'SemanticSegmentation2D', labels: ['background', 'crack'] }
const detection: DeclaredDetector = { task: 'ObjectDetection2D', labels: [] }
const read = (file: Uint8Array, declared = segmentation) => readDetector(memorySource(file), declared, limits)

test('an archive with a manifest is described by it and by its model', async () => {
  expect(await read(detectorArchive())).toEqual({
    task: 'SemanticSegmentation2D',
    layout: 'class-scores',
    labels: manifest.labels,
    input: { width: 64, height: 64 },
    model: 'model.onnx',
    modelBytes: onnxModel().length,
    opset: 17,
    operators: ['Conv'],
  })
})

test("members of a manifest that begin with x- are its author's own", async () => {
  expect((await read(detectorArchive({ 'x-trained-on': { photos: 5000 } }))).layout).toBe('class-scores')
})

test('an archive with metadata.xml and labels.xml is described by them', async () => {
  const files = { 'metadata.xml': metadataXml, 'labels.xml': labelsXml, 'model.onnx': onnxModel() }
  const entries = Object.entries(files).map(([name, data]) => ({ name, data }))
  const described = {
    task: 'SemanticSegmentation2D',
    labels: [
      { id: 1, name: 'crack & joint', line: true },
      { id: 7, name: 'rust', contour: true },
    ],
    input: { width: 64, height: 64 },
  }
  expect(await read(zip(entries))).toMatchObject({ ...described, model: 'model.onnx' })
  const inFolder = entries.map((entry) => ({ ...entry, name: `Cracks_v1/${entry.name}` }))
  expect(await read(zip([{ name: 'Cracks_v1/', data: '', stored: true }, ...inFolder]))).toMatchObject({
    ...described,
    model: 'Cracks_v1/model.onnx',
  })
})

test('where an archive has both, the manifest counts', async () => {
  const both = zip([
    { name: 'metadata.xml', data: '<not even XML' },
    { name: 'alidade-detector.json', data: JSON.stringify(manifest) },
    { name: 'model.onnx', data: onnxModel() },
  ])
  expect((await read(both)).layout).toBe('class-scores')
})

test('entries whose sizes follow their bytes are read by the directory', async () => {
  const sizes = { crc32: 0, packed: 0, unpacked: 0 }
  const streamed = zip([
    { name: 'alidade-detector.json', data: JSON.stringify(manifest), flags: 0x0808, local: sizes },
    { name: 'model.onnx', data: onnxModel(), flags: 0x0808, local: sizes },
  ])
  expect((await read(streamed)).opset).toBe(17)
})

const size64 = { width: 64, height: 64, channels: 3 }
test.each<[string, Record<string, string>, object]>([
  [
    'our manifest',
    { 'alidade-detector': JSON.stringify(manifest) },
    { layout: 'class-scores', labels: manifest.labels },
  ],
  [
    'model_type and class_names',
    { model_type: '"Segmentor"', class_names: '[{"0": "nothing", "3": "rust"}]' },
    {
      layout: 'class-scores',
      labels: [
        { id: 0, name: 'nothing' },
        { id: 3, name: 'rust' },
      ],
      input: size64,
    },
  ],
  [
    'task and names',
    { task: 'segment', names: `{0: 'it\\'s', 12: "driver's seat"}` },
    {
      layout: 'class-scores',
      labels: [
        { id: 0, name: "it's" },
        { id: 12, name: "driver's seat" },
      ],
      input: size64,
    },
  ],
  [
    'nothing',
    {},
    {
      labels: [
        { id: 0, name: 'background' },
        { id: 1, name: 'crack' },
      ],
      input: size64,
    },
  ],
])('a model alone is described by %s in its metadata', async (_, metadata, described) => {
  expect(await read(onnxModel({ metadata }))).toMatchObject({ task: 'SemanticSegmentation2D', ...described })
})

test('a model of open size takes the size that its metadata says, and its candidates tell the layout', async () => {
  const open = {
    inputs: [valueInfo('images', [1, 3, 'height', 'width'])],
    outputs: [valueInfo('output0', [1, 6, 'n'])],
  }
  const metadata = { task: 'detect', names: "{0: 'a', 1: 'b'}", imgsz: '[640, 512]' }
  const described = await read(onnxModel({ ...open, metadata }), detection)
  expect(described).toMatchObject({ layout: 'yolov8', input: { height: 640, width: 512 } })
  const fused = onnxModel({ ...open, metadata, outputs: [valueInfo('output0', [1, 300, 6])] })
  expect((await read(fused, detection)).layout).toBe('boxes-scores-classes')
})

test('a model that says nothing, of a version without labels, is told what would say it', async () => {
  await expect(read(onnxModel(), { ...segmentation, labels: [] })).rejects.toThrow(
    'metadata of the model: expected alidade-detector, or model_type and class_names, or task and names, or labels of the version',
  )
})

test("branches, loops, constants and functions of the model's own are walked and allowed", async () => {
  const constant = node(
    'Constant',
    [],
    ['k'],
    field(5, message(field(5, tensor('k', [1], new Uint8Array(4))))),
  )
  const body = message(field(1, constant), field(1, node('Relu', ['k'], ['r'])))
  const model = onnxModel({
    nodes: [
      node('Loop', ['n'], ['scores'], field(5, message(field(6, body)))),
      node('Own', ['a'], ['b'], field(7, 'mine')),
    ],
    more: [field(25, message(field(1, 'Own'), field(10, 'mine'), field(7, node('Sigmoid', ['a'], ['b']))))],
  })
  expect((await read(model)).operators).toEqual(['Constant', 'Loop', 'Own', 'Relu', 'Sigmoid'])
})

test('a file larger than the limit is refused before it is read', async () => {
  const source = {
    ...memorySource(detectorArchive()),
    sizeBytes: 3e9,
    read: () => Promise.reject(new Error('was read')),
  }
  await expect(readDetector(source, segmentation, limits)).rejects.toThrow(
    'file: expected at most 2000000000 bytes, got 3000000000',
  )
})

test('a model of a gigabyte is walked piece by piece', async () => {
  const bytes = 1_000_000_000
  // A weight of a gigabyte at the end of the graph: its values are made when they are asked for.
  const weight = message(field(8, 'weight'), field(1, bytes / 4))
  const value = Buffer.concat([varint(74n), varint(BigInt(bytes))])
  const tensorHead = Buffer.concat([
    varint(42n),
    varint(BigInt(weight.length + value.length + bytes)),
    weight,
    value,
  ])
  const graph = Buffer.concat([onnxGraph({ initializers: [] }), tensorHead])
  const head = Buffer.concat([field(1, 8), varint(58n), varint(BigInt(graph.length + bytes)), graph])
  const tail = field(8, message(field(1, ''), field(2, 17)))
  let largest = 0
  const read = async (offset: number, length: number) => {
    largest = Math.max(largest, length)
    const piece = new Uint8Array(length)
    piece.set(head.subarray(Math.min(offset, head.length), Math.min(offset + length, head.length)))
    const from = head.length + bytes - offset
    if (from < length) piece.set(tail.subarray(Math.max(0, -from), length - from), Math.max(0, from))
    return piece
  }
  const source = { sizeBytes: head.length + bytes + tail.length, read, close: async () => undefined }
  expect((await readDetector(source, segmentation, limits)).opset).toBe(17)
  expect(largest).toBeLessThanOrEqual(1024 * 1024)
})

const hostile = Object.entries({ ...hostileArchives, ...hostileManifests, ...hostileModels })

test.each(hostile.map(([name, [file, refusal]]) => [name, file, refusal] as const))(
  '%s is refused with its place',
  async (_, file, refusal) => {
    const error: Error = await read(file).then(
      () => Promise.reject(new Error('was taken for a detector')),
      (refused: Error) => refused,
    )
    expect(error.name, error.stack ?? '').toBe('FormatError')
    expect(error.message).toContain(refusal)
    expect(error.message.length).toBeLessThan(600)
  },
)

test('there are more than a hundred of them', () => {
  expect(hostile.length).toBeGreaterThan(100)
})
