// `alidade-detector.json`, by the schema of the contract. Loaded when there is one to read: schemas take longer to load than
// what most jobs need.
import { DetectorManifest } from '@alidade/contract'
import { pointFeatures, pointInputDefaults } from '@alidade/contract/jobs'
import { FormatError } from '@alidade/formats'
import { Compile } from 'typebox/compile'
import type { DetectorManifestFacts } from './detector.ts'

/** `place` begins every fault. */
export function readManifest(
  bytes: Uint8Array,
  place: string,
): { facts: DetectorManifestFacts; modelName: string } {
  const manifest = parse(bytes, place)
  const { task, layout, scores, labels, input, model = 'model.onnx' } = manifest
  const ids = new Set<number>()
  for (const [i, { id }] of labels.entries()) {
    if (ids.has(id)) throw invalid(place, `labels[${i}].id`, `expected an id of its own, got ${id} again`)
    ids.add(id)
  }
  if (task !== 'SemanticSegmentation3D') {
    for (const name of ['width', 'height'] as const) {
      if (input[name] === undefined)
        throw invalid(place, `input.${name}`, `expected a number for ${task}, got nothing`)
    }
  }
  if (input.features !== undefined) checkPointInput(manifest, place)
  return {
    facts: {
      task,
      layout,
      ...(scores !== undefined && { scores }),
      labels: labels.map(labelOf),
      input: { ...pick(input, inputMembers) },
    },
    modelName: model,
  }
}

const inputMembers = [
  ...(['width', 'height', 'channels', 'points', 'features', 'arrangement', 'normalisation'] as const),
  ...(['voxelSizeMetres', 'blockSizeMetres', 'overlapMetres'] as const),
] as const

/** What the schema cannot say of a manifest that lists features of points. */
function checkPointInput({ task, layout, labels, input }: DetectorManifest, place: string): void {
  if (task !== 'SemanticSegmentation3D')
    throw invalid(place, 'input.features', `expected none for ${task}, got features of points`)
  if (layout !== 'point-scores' && layout !== 'scores-of-points')
    throw invalid(place, 'layout', `expected point-scores or scores-of-points, got ${layout}`)
  for (const [i, { classification }] of labels.entries()) {
    if (classification === undefined)
      throw invalid(
        place,
        `labels[${i}].classification`,
        'expected the class code of its points, got nothing',
      )
  }
  const { blockSizeMetres = pointInputDefaults.blockSizeMetres, overlapMetres = 0 } = input
  if (overlapMetres > blockSizeMetres / 2) {
    const expected = `expected at most half of the block, ${blockSizeMetres / 2} m`
    throw invalid(place, 'input.overlapMetres', `${expected}, got ${overlapMetres}`)
  }
}

function parse(bytes: Uint8Array, place: string): DetectorManifest {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new FormatError('Invalid', place, `expected JSON in UTF-8, got ${(cause as Error).message}`, {
      cause,
    })
  }
  // A manifest of a later version is not measured by the schema of this one.
  const version = (value as { version?: unknown } | null)?.version
  if (typeof version === 'number' && version !== 1) {
    throw new FormatError('Unsupported', `${place}: version`, `expected 1, got ${version}`)
  }
  compiled ??= Compile(DetectorManifest)
  if (compiled.Check(value)) return value
  const [first] = errorsOf(value)
  const path = first!.instancePath
    .replace(/\/(\d+)/g, '[$1]')
    .replace(/\//g, '.')
    .replace(/^\./, '')
  throw new FormatError('Invalid', path === '' ? place : `${place}: ${path}`, problemOf(first!))
}

/** As the schema says it, and what there is to choose from where the name of a task, a layout or a feature is none. */
function problemOf({ keyword, instancePath, params, message }: ReturnType<typeof errorsOf>[number]): string {
  const allowed =
    keyword === 'enum'
      ? (params as { allowedValues: unknown[] }).allowedValues
      : keyword === 'boolean' && instancePath.startsWith('/input/normalisation/')
        ? pointFeatures
        : undefined
  return allowed === undefined ? message : `expected one of ${allowed.join(', ')}`
}

function errorsOf(value: unknown) {
  return compiled!.Errors(value)
}

let compiled: ReturnType<typeof Compile<typeof DetectorManifest>> | undefined

function labelOf({ id, name, ...feeds }: DetectorManifest['labels'][number]) {
  return { id, name, ...pick(feeds, ['line', 'contour', 'object', 'classification']) }
}

function pick<T extends object, K extends keyof T>(
  object: T,
  names: readonly K[],
): { [Key in K]?: NonNullable<T[Key]> } {
  return Object.fromEntries(
    names.filter((name) => object[name] !== undefined).map((name) => [name, object[name]]),
  ) as { [Key in K]?: NonNullable<T[Key]> }
}

function invalid(place: string, member: string, problem: string): FormatError {
  return new FormatError('Invalid', `${place}: ${member}`, problem)
}
