// Looks at the file of a detector, told by its first bytes: a zip archive with a manifest and a model, or a model alone.
// Nothing is run, nothing is written, and every entry is unpacked to count it.
import { detectorManifestName } from '@alidade/contract'
import {
  type ByteSource,
  FormatError,
  type OnnxModel,
  readOnnxModel,
  readSmallZipEntry,
  readZipDirectory,
  readZipEntry,
  type ZipEntry,
} from '@alidade/formats'
import { describeBareModel } from './bare-model.ts'
import {
  type DeclaredDetector,
  type DetectorDescription,
  type DetectorLimits,
  type DetectorManifestFacts,
  mostManifestBytes,
} from './detector.ts'
import { agreeWithModel } from './agree-with-model.ts'
import { readManifest } from './read-manifest.ts'
import { readMetadata } from './read-metadata.ts'

const rangeBytes = 1024 * 1024

/** FormatError with the place at fault: an entry, a member of the manifest, a tensor, a byte. */
export async function readDetector(
  source: ByteSource,
  declared: DeclaredDetector,
  limits: DetectorLimits,
): Promise<DetectorDescription> {
  const described = await readFile(source, declared, limits)
  if (described.task === declared.task) return described
  throw new FormatError(
    'Invalid',
    'task',
    `expected ${declared.task}, as the type of the detector says, got ${described.task}`,
  )
}

async function readFile(
  source: ByteSource,
  declared: DeclaredDetector,
  limits: DetectorLimits,
): Promise<DetectorDescription> {
  if (source.sizeBytes > limits.mostFileBytes) {
    throw new FormatError(
      'Unsupported',
      'file',
      `expected at most ${limits.mostFileBytes} bytes, got ${source.sizeBytes}`,
    )
  }
  const head = await source.read(0, Math.min(4, source.sizeBytes))
  if (isZip(head)) return readArchive(source, limits)
  // Field 1 of an ONNX model, the version of its format.
  if (head[0] === 0x08) {
    const model = await readOnnxModel(bytesOf(source))
    return withModel(describeBareModel(model, declared), model, source.sizeBytes)
  }
  const got =
    head.length === 0
      ? 'an empty file'
      : `bytes that begin ${Buffer.from(head)
          .toString('hex')
          .replace(/..(?!$)/g, '$& ')}`
  throw new FormatError('Unsupported', 'byte 0', `expected a zip archive or an ONNX model, got ${got}`)
}

async function readArchive(source: ByteSource, limits: DetectorLimits): Promise<DetectorDescription> {
  const entries = await readZipDirectory(source, limits)
  const files = atRoot(entries)
  const { facts, modelName } = await readFacts(source, files)
  const modelEntry = files.get(modelName)
  if (modelEntry === undefined) throw missingModel(modelName, files)
  let model: OnnxModel | undefined
  for (const entry of entries) {
    if (entry === modelEntry) model = await readModel(source, entry)
    else await count(source, entry)
  }
  return { ...withModel(facts, model!, modelEntry.unpackedBytes), model: modelEntry.name }
}

/** Faults of the walk name bytes; which file they are in is said here. */
async function readModel(source: ByteSource, entry: ZipEntry): Promise<OnnxModel> {
  try {
    return await readOnnxModel(refuseArchive(source, entry))
  } catch (error) {
    if (!(error instanceof FormatError) || error.place === entry.name) throw error
    throw new FormatError(error.code, entry.name, error.message, { cause: error })
  }
}

async function count(source: ByteSource, entry: ZipEntry): Promise<void> {
  for await (const _ of refuseArchive(source, entry));
}

/** An archive inside the archive would be counted packed, and unpacked later by somebody who does not count. */
async function* refuseArchive(source: ByteSource, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  let first = true
  for await (const piece of readZipEntry(source, entry)) {
    if (first && isZip(piece))
      throw new FormatError('Unsupported', entry.name, 'expected no archive inside the archive')
    first = false
    yield piece
  }
}

async function readFacts(
  source: ByteSource,
  files: ReadonlyMap<string, ZipEntry>,
): Promise<{ facts: DetectorManifestFacts; modelName: string }> {
  const small = (entry: ZipEntry) => readSmallZipEntry(source, entry, mostManifestBytes)
  const manifest = files.get(detectorManifestName)
  if (manifest !== undefined) return readManifest(await small(manifest), detectorManifestName)
  const [metadata, labels] = ['metadata.xml', 'labels.xml'].map((name) => files.get(name))
  if (metadata === undefined || labels === undefined) {
    const expected = `expected ${detectorManifestName}, or metadata.xml and labels.xml, at the root of the archive`
    throw new FormatError('Invalid', 'archive', `${expected}, got ${shownNames(files)}`)
  }
  return { facts: readMetadata(await small(metadata), await small(labels)), modelName: 'model.onnx' }
}

/** By name; of an archive that is one folder, the files in it. */
function atRoot(entries: readonly ZipEntry[]): Map<string, ZipEntry> {
  const files = entries.filter(({ folder }) => !folder)
  const [folder] = files[0]?.name.split('/') ?? []
  const common = files.every(({ name }) => name.startsWith(`${folder}/`)) ? `${folder}/` : ''
  return new Map(files.map((entry) => [entry.name.slice(common.length), entry]))
}

function missingModel(name: string, files: ReadonlyMap<string, ZipEntry>): FormatError {
  const graph = [...files.keys()].find((file) => file.endsWith('.pb'))
  const got =
    graph === undefined
      ? shownNames(files)
      : `a TensorFlow graph, ${graph}, which has to be converted to ONNX`
  return new FormatError('Invalid', 'archive', `expected the model ${name}, got ${got}`)
}

function shownNames(files: ReadonlyMap<string, ZipEntry>): string {
  const names = [...files.keys()]
  if (names.length === 0) return 'no files'
  return names.slice(0, 5).join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '')
}

function withModel(facts: DetectorManifestFacts, model: OnnxModel, modelBytes: number): DetectorDescription {
  agreeWithModel(facts, model)
  return { ...facts, modelBytes, opset: model.opset, operators: [...model.operators] }
}

function isZip(bytes: Uint8Array): boolean {
  const [p, k, a, b] = bytes
  return p === 0x50 && k === 0x4b && ((a === 3 && b === 4) || (a === 5 && b === 6))
}

async function* bytesOf(source: ByteSource): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < source.sizeBytes; done += rangeBytes) {
    yield await source.read(done, Math.min(rangeBytes, source.sizeBytes - done))
  }
}
