// `alidade-detector.json`, by the schema of the contract.
import { DetectorManifest } from '@alidade/contract'
import { FormatError } from '@alidade/formats'
import { Compile } from 'typebox/compile'
import type { DetectorManifestFacts } from './detector.ts'

/** `place` begins every fault. */
export function readManifest(
  bytes: Uint8Array,
  place: string,
): { facts: DetectorManifestFacts; modelName: string } {
  const manifest = parse(bytes, place)
  const { task, layout, labels, input, model = 'model.onnx' } = manifest
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
  return {
    facts: {
      task,
      layout,
      labels: labels.map(labelOf),
      input: { ...pick(input, ['width', 'height', 'channels', 'points']) },
    },
    modelName: model,
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
  const [first] = compiled.Errors(value)
  const path = first!.instancePath
    .replace(/\/(\d+)/g, '[$1]')
    .replace(/\//g, '.')
    .replace(/^\./, '')
  throw new FormatError('Invalid', path === '' ? place : `${place}: ${path}`, first!.message)
}

let compiled: ReturnType<typeof Compile<typeof DetectorManifest>> | undefined

function labelOf({ id, name, ...feeds }: DetectorManifest['labels'][number]) {
  return { id, name, ...pick(feeds, ['line', 'contour', 'object']) }
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
