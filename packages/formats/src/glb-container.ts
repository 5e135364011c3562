// The chunks of a binary glTF 2.0 file: its JSON, checked before it is parsed, and where its one buffer lies.
import type { ByteSource } from './byte-source.ts'
import { corrupt, FormatError } from './format-error.ts'
import { checkJsonLimits } from './json-limits.ts'
import { objectAt } from './json-shape.ts'
import type { JsonObject } from './json-shape.ts'
import { dataView } from './little-endian.ts'

export type GlbContainer = {
  readonly json: JsonObject
  /** Of the buffer, in the file. */
  readonly bufferOffset: number
  readonly bufferBytes: number
}

const [headerBytes, chunkHeaderBytes] = [12, 8]
const chunkTypes = { json: 0x4e4f534a, binary: 0x004e4942 } as const
const mostJsonBytes = 32 * 1024 * 1024
const jsonLimits = { deepest: 64, mostValues: 2_000_000 }

/** Extensions that say how a surface looks, or what smaller numbers stand for; without others a reader gets it wrong. */
const harmless = /^(?:KHR_(?:materials_\w+|texture_\w+|lights_punctual|mesh_quantization)|EXT_texture_\w+)$/

export async function readGlbContainer(source: ByteSource): Promise<GlbContainer> {
  const head = await source.read(0, Math.min(headerBytes, source.sizeBytes))
  if (Buffer.from(head.subarray(0, 4)).toString('latin1') !== 'glTF') {
    const got =
      head.length === 0 ? 'an empty file' : `bytes ${Buffer.from(head.subarray(0, 4)).toString('hex')}`
    throw new FormatError('NotAPointCloud', 'byte 0', `expected a GLB file (glTF), got ${got}`)
  }
  if (head.length < headerBytes) throw corrupt('byte 0', `a header of ${headerBytes} bytes`, head.length)
  const view = dataView(head)
  if (view.getUint32(4, true) !== 2)
    throw new FormatError('Unsupported', 'byte 4', `expected version 2, got ${view.getUint32(4, true)}`)
  if (view.getUint32(8, true) !== source.sizeBytes)
    throw corrupt('byte 8', `a file of ${source.sizeBytes} bytes`, view.getUint32(8, true))
  const jsonChunk = await chunkAt(source, headerBytes)
  if (jsonChunk?.type !== chunkTypes.json)
    throw corrupt(`byte ${headerBytes}`, 'a chunk of JSON', jsonChunk?.type ?? 'the end')
  const json = await readJson(source, jsonChunk.offset, jsonChunk.sizeBytes)
  const binary = await chunkAt(source, jsonChunk.offset + jsonChunk.sizeBytes)
  const isBinary = binary?.type === chunkTypes.binary
  return { json, bufferOffset: isBinary ? binary.offset : 0, bufferBytes: isBinary ? binary.sizeBytes : 0 }
}

async function chunkAt(source: ByteSource, at: number) {
  const left = source.sizeBytes - at
  if (left === 0) return undefined
  if (left < chunkHeaderBytes)
    throw corrupt(`byte ${at}`, `a chunk of at least ${chunkHeaderBytes} bytes`, left)
  const view = dataView(await source.read(at, chunkHeaderBytes))
  const sizeBytes = view.getUint32(0, true)
  if (sizeBytes > left - chunkHeaderBytes)
    throw corrupt(`byte ${at}`, `a chunk of at most ${left - chunkHeaderBytes} bytes`, sizeBytes)
  return { type: view.getUint32(4, true), offset: at + chunkHeaderBytes, sizeBytes }
}

async function readJson(source: ByteSource, offset: number, sizeBytes: number): Promise<JsonObject> {
  if (sizeBytes > mostJsonBytes)
    throw new FormatError(
      'Unsupported',
      'byte 12',
      `expected at most ${mostJsonBytes} bytes of JSON, got ${sizeBytes}`,
    )
  let parsed: unknown
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await source.read(offset, sizeBytes))
    checkJsonLimits(text, jsonLimits)
    parsed = JSON.parse(text)
  } catch (error) {
    if (error instanceof FormatError) throw error
    throw new FormatError('Invalid', '$', 'expected JSON, got something else', { cause: error })
  }
  const json = objectAt(parsed, '$')
  const required: unknown = json.extensionsRequired
  for (const name of Array.isArray(required) ? required : []) {
    if (typeof name === 'string' && harmless.test(name)) continue
    const problem = `expected no extension that changes how bytes are read, got ${JSON.stringify(String(name).slice(0, 60))}`
    throw new FormatError('Unsupported', '$.extensionsRequired', problem)
  }
  return json
}
