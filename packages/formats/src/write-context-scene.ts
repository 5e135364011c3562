// Writes ContextScene JSON, always as version 6.0, the one the current clients write and read.
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ContextScene } from './context-scene.ts'

/** A scene that was read, with the version it had, or one that was made, for which there is none to say. */
export type ContextSceneToWrite = Omit<ContextScene, 'version'>

/** JSON text of the scene, indented by two spaces. RangeError beyond the longest string, 512 MB. */
export function writeContextScene(scene: ContextSceneToWrite): string {
  return [...contextSceneText(scene)].join('')
}

/** Writes the same text to a file, of any length, without having more than a part of it in memory. */
export async function writeContextSceneFile(
  path: string,
  scene: ContextSceneToWrite,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  await pipeline(Readable.from(inBlocks(contextSceneText(scene))), createWriteStream(path), { signal })
}

function* inBlocks(pieces: Iterable<string>): Generator<string> {
  let block = ''
  for (const piece of pieces) {
    block += piece
    if (block.length < 65_536) continue
    yield block
    block = ''
  }
  yield block
}

/** The text in pieces, one or a few for each entry of a map. */
export function* contextSceneText(scene: ContextSceneToWrite): Generator<string> {
  const members = { version: '', ...scene }
  members.version = '6.0'
  yield* piecesOf(members, '', 0)
}

function* piecesOf(value: unknown, indent: string, depth: number): Generator<string> {
  const members = membersOf(value, depth)
  if (members === undefined) {
    yield JSON.stringify(value, undefined, 2).replaceAll('\n', `\n${indent}`)
    return
  }
  let before = '{'
  for (const [key, member] of members) {
    if (member === undefined) continue
    yield `${before}\n${indent}  ${JSON.stringify(key)}: `
    yield* piecesOf(member, `${indent}  `, depth + 1)
    before = ','
  }
  yield before === '{' ? '{}' : `\n${indent}}`
}

/** The scene, its sections and theirs: deeper down, an object is a piece unless there is a map in it. */
const walkedDepth = 2

/** Undefined for what `JSON.stringify` can do alone, several times faster. */
function membersOf(value: unknown, depth: number): Iterable<[string, unknown]> | undefined {
  if (value instanceof Map) return value
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const walked = depth <= walkedDepth || Object.values(value).some((member) => member instanceof Map)
  return walked ? Object.entries(value) : undefined
}
