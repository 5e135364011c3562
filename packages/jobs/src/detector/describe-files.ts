// A detector as plain files, be they in an archive or in a reality data of type ContextDetector: the manifest, or
// metadata.xml and labels.xml, and the model that goes with it.
import { detectorManifestName } from '@alidade/contract/jobs'
import { FormatError, type OnnxModel, readOnnxModel } from '@alidade/formats'
import { agreeWithModel } from './agree-with-model.ts'
import {
  type DeclaredDetector,
  type DetectorDescription,
  type DetectorManifestFacts,
  mostManifestBytes,
} from './detector.ts'
import { readMetadata } from './read-metadata.ts'

export interface DetectorFile {
  name: string
  sizeBytes: number
  /** Its bytes, from the first one each time. */
  chunks(): AsyncIterable<Uint8Array>
}

/** FormatError with the place at fault. Files that it does not need are not read. */
export async function describeFiles(
  files: readonly DetectorFile[],
  declared: DeclaredDetector,
): Promise<DetectorDescription> {
  const atRoot = byNameAtRoot(files)
  const { facts, modelName } = await readFacts(atRoot)
  const file = atRoot.get(modelName)
  if (file === undefined) throw missingModel(modelName, atRoot)
  const model = await readModel(file)
  return { ...describeModel(facts, model, file.sizeBytes, declared), model: file.name }
}

/** What a manifest, or metadata, and the model say together. */
export function describeModel(
  facts: DetectorManifestFacts,
  model: OnnxModel,
  modelBytes: number,
  declared: DeclaredDetector,
): DetectorDescription {
  if (facts.task !== declared.task) {
    const problem = `expected ${declared.task}, as the type of the detector says, got ${facts.task}`
    throw new FormatError('Invalid', 'task', problem)
  }
  agreeWithModel(facts, model)
  return { ...facts, modelBytes, opset: model.opset, operators: [...model.operators] }
}

/** Faults of the walk name bytes; which file they are in is said here. */
async function readModel(file: DetectorFile): Promise<OnnxModel> {
  try {
    return await readOnnxModel(file.chunks())
  } catch (error) {
    if (!(error instanceof FormatError) || error.place === file.name) throw error
    throw new FormatError(error.code, file.name, error.message, { cause: error })
  }
}

async function readFacts(
  files: ReadonlyMap<string, DetectorFile>,
): Promise<{ facts: DetectorManifestFacts; modelName: string }> {
  const manifest = files.get(detectorManifestName)
  if (manifest !== undefined) {
    const { readManifest } = await import('./read-manifest.ts')
    return readManifest(await whole(manifest), detectorManifestName)
  }
  const [metadata, labels] = ['metadata.xml', 'labels.xml'].map((name) => files.get(name))
  if (metadata === undefined || labels === undefined) {
    const expected = `expected ${detectorManifestName}, or metadata.xml and labels.xml, beside the model`
    throw new FormatError('Invalid', 'files', `${expected}, got ${shownNames(files)}`)
  }
  return { facts: readMetadata(await whole(metadata), await whole(labels)), modelName: 'model.onnx' }
}

async function whole({ name, sizeBytes, chunks }: DetectorFile): Promise<Uint8Array> {
  if (sizeBytes > mostManifestBytes) {
    throw new FormatError(
      'Unsupported',
      name,
      `expected at most ${mostManifestBytes} bytes, got ${sizeBytes}`,
    )
  }
  const pieces: Uint8Array[] = []
  for await (const piece of chunks()) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** Of files that are all in one folder, the names in it. */
function byNameAtRoot(files: readonly DetectorFile[]): Map<string, DetectorFile> {
  const [folder] = files[0]?.name.split('/') ?? []
  const common = files.every(({ name }) => name.startsWith(`${folder}/`)) ? `${folder}/` : ''
  return new Map(files.map((file) => [file.name.slice(common.length), file]))
}

function missingModel(name: string, files: ReadonlyMap<string, DetectorFile>): FormatError {
  const graph = [...files.keys()].find((file) => file.endsWith('.pb'))
  const got =
    graph === undefined
      ? shownNames(files)
      : `a TensorFlow graph, ${graph}, which has to be converted to ONNX`
  return new FormatError('Invalid', 'files', `expected the model ${name}, got ${got}`)
}

function shownNames(files: ReadonlyMap<string, DetectorFile>): string {
  const names = [...files.keys()]
  if (names.length === 0) return 'none'
  return names.slice(0, 5).join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '')
}
