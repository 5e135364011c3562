// A model that comes without an archive: what its own metadata says. Three kinds are read, the first that is there counts:
// our manifest as the property `alidade-detector`; `model_type` and `class_names` in JSON; `task` and `names` as a
// dictionary of Python. Of a model that says nothing, what was declared of the version counts.
import { type DetectorLayout, detectorManifestName, type DetectorTask } from '@alidade/contract/jobs'
import { FormatError, type OnnxModel } from '@alidade/formats'
import type { DeclaredDetector, DetectorInput, DetectorLabel, DetectorManifestFacts } from './detector.ts'

const property = detectorManifestName.replace(/\.json$/, '')

export async function describeBareModel(
  model: OnnxModel,
  declared: DeclaredDetector,
): Promise<DetectorManifestFacts> {
  const { metadata } = model
  const manifest = metadata.get(property)
  if (manifest !== undefined) {
    const { readManifest } = await import('./read-manifest.ts')
    return readManifest(Buffer.from(manifest), `metadata ${property}`).facts
  }
  if (metadata.has('model_type')) return fromJsonProperties(model)
  if (metadata.has('names')) return fromNames(model)
  if (declared.labels.length > 0)
    return { task: declared.task, labels: named(declared.labels), input: inputOf(model, undefined) }
  throw new FormatError(
    'Invalid',
    'metadata of the model',
    `expected ${property}, or model_type and class_names, or task and names, or labels of the version, got none of them`,
  )
}

function named(labels: readonly string[]): DetectorLabel[] {
  return labels.map((name, id) => ({ id, name }))
}

const taskOfModelType: Readonly<Record<string, DetectorTask>> = {
  Detector: 'ObjectDetection2D',
  Segmentor: 'SemanticSegmentation2D',
}

function fromJsonProperties(model: OnnxModel): DetectorManifestFacts {
  const task = oneOf(taskOfModelType, jsonProperty(model, 'model_type'), 'metadata model_type')
  let classes = jsonProperty(model, 'class_names')
  if (Array.isArray(classes) && classes.length === 1) classes = classes[0]
  if (typeof classes !== 'object' || classes === null || Array.isArray(classes)) {
    throw new FormatError('Invalid', 'metadata class_names', 'expected one object of ids and names')
  }
  const labels = labelsOf(Object.entries(classes), 'metadata class_names')
  const side = model.metadata.has('tiles_size') ? jsonProperty(model, 'tiles_size') : undefined
  const input = inputOf(model, typeof side === 'number' ? [side, side] : undefined)
  const layout =
    task === 'ObjectDetection2D' ? layoutOfBoxes(model.metadata.get('det_type')) : layoutOfPixels(model)
  return { task, ...(layout !== undefined && { layout }), labels, input }
}

const taskOfTask: Readonly<Record<string, DetectorTask>> = {
  detect: 'ObjectDetection2D',
  segment: 'SemanticSegmentation2D',
}

function fromNames(model: OnnxModel): DetectorManifestFacts {
  const task = oneOf(taskOfTask, model.metadata.get('task'), 'metadata task')
  const labels = labelsOf(pythonDictionary(model.metadata.get('names') ?? ''), 'metadata names')
  const sides = /^\[(\d{1,5}), *(\d{1,5})\]$/.exec(model.metadata.get('imgsz') ?? '')
  const input = inputOf(model, sides === null ? undefined : [Number(sides[1]), Number(sides[2])])
  const layout =
    task === 'ObjectDetection2D' ? layoutOfCandidates(model) : (layoutOfPixels(model) ?? 'yolov8-seg')
  return { task, ...(layout !== undefined && { layout }), labels, input }
}

/** `{0: 'vehicle', 1: "driver's seat"}`, and nothing else that Python could mean. */
function pythonDictionary(text: string): [string, unknown][] {
  const inner = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1]
  const entry = /\s*(\d{1,5}):\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*(,|$)/y
  const entries: [string, unknown][] = []
  for (let at = 0; inner !== undefined && at < inner.length; at = entry.lastIndex) {
    entry.lastIndex = at
    const match = entry.exec(inner)
    if (match === null)
      throw new FormatError('Invalid', 'metadata names', `expected an id and a name at character ${at}`)
    entries.push([match[1]!, (match[2] ?? match[3] ?? '').replace(/\\(.)/g, '$1')])
  }
  return entries
}

function labelsOf(entries: [string, unknown][], place: string): DetectorLabel[] {
  if (entries.length === 0 || entries.length > 10_000) {
    throw new FormatError('Invalid', place, `expected 1 to 10000 classes, got ${entries.length}`)
  }
  return entries.map(([id, name]) => {
    if (!/^\d{1,5}$/.test(id) || typeof name !== 'string' || name === '' || name.length > 256) {
      throw new FormatError(
        'Invalid',
        place,
        `expected ids and names of classes, got ${JSON.stringify([id, name]).slice(0, 80)}`,
      )
    }
    return { id: Number(id), name }
  })
}

/** Height and width as the model has them, else as `sides` say. */
function inputOf({ inputs }: OnnxModel, sides: [number, number] | undefined): DetectorInput {
  const shape = inputs[0]?.shape ?? []
  const [channels, height, width] = shape.slice(1)
  const sized = (size: number | string | undefined, said: number | undefined) =>
    typeof size === 'number' ? size : said
  const [h, w] = [sized(height, sides?.[0]), sized(width, sides?.[1])]
  return {
    ...(w !== undefined && { width: w }),
    ...(h !== undefined && { height: h }),
    ...(typeof channels === 'number' && { channels }),
  }
}

function layoutOfBoxes(detType: string | undefined): DetectorLayout | undefined {
  if (detType === undefined) return undefined
  if (/YOLO_v[57]/i.test(detType)) return 'yolov5'
  return /YOLO_v(8|9|1\d)/i.test(detType) ? 'yolov8' : undefined
}

/** Candidates are many more than the numbers of each. */
function layoutOfCandidates({ outputs }: OnnxModel): DetectorLayout | undefined {
  const [, rows, columns] = outputs[0]?.shape ?? []
  return columns === 6 && rows !== 6 ? 'boxes-scores-classes' : 'yolov8'
}

function layoutOfPixels({ outputs }: OnnxModel): DetectorLayout | undefined {
  const shape = outputs[0]?.shape ?? []
  return shape.length === 4 ? 'class-scores' : undefined
}

function jsonProperty(model: OnnxModel, name: string): unknown {
  const text = model.metadata.get(name) ?? ''
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new FormatError('Invalid', `metadata ${name}`, `expected JSON, got ${text.slice(0, 60)}`, { cause })
  }
}

function oneOf(tasks: Readonly<Record<string, DetectorTask>>, value: unknown, place: string): DetectorTask {
  const task = typeof value === 'string' && Object.hasOwn(tasks, value) ? tasks[value] : undefined
  if (task !== undefined) return task
  const got = typeof value === 'string' ? value.slice(0, 60) : 'nothing that is one'
  throw new FormatError('Unsupported', place, `expected one of ${Object.keys(tasks).join(', ')}, got ${got}`)
}
