// The files of a detector on this machine: what they say of the model, and the model as a file of its own, which an engine can open.
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  type ByteSource,
  FormatError,
  openFile,
  readOnnxModel,
  readZipDirectory,
  readZipEntry,
} from '@alidade/formats'
import { type DetectorFile, describeFiles } from '../../detector/describe-files.ts'
import { type DetectorDescription, defaultDetectorLimits } from '../../detector/detector.ts'
import { readDetector } from '../../detector/read-detector.ts'
import { JobError } from '../../job-error.ts'
import type { InputDetector, InspectedFile } from '../../job-type.ts'
import { openInputFile } from '../../open-input-file.ts'

export interface UnpackedModel {
  /** As messages name the detector. */
  shownName: string
  description: DetectorDescription
  path: string
  /** Sizes of the tensor that goes in; names where the model leaves one open. */
  inputShape: readonly (number | string)[]
}

const pieceBytes = 1024 * 1024
const declared = { task: 'SemanticSegmentation3D', labels: [] } as const

/** Writes the model to `path`. JobError `Detector_Failed` for files that are no detector of point clouds. */
export async function unpackModel(
  detector: InputDetector,
  path: string,
  signal: AbortSignal,
): Promise<UnpackedModel> {
  const { library, files = [] } = detector
  const shownName = library ? `${library.name}/${library.version}` : (files[0]?.name ?? 'without files')
  const opened: InspectedFile[] = []
  try {
    for (const file of files) opened.push(await openInputFile(file))
    const alone = opened.length === 1 ? opened[0]!.source : undefined
    const { description, model } = alone ? await ofOneFile(alone) : await ofFiles(opened)
    await pipeline(Readable.from(model), createWriteStream(path), { signal })
    return { shownName, description, path, inputShape: await inputShapeOf(path) }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    throw new JobError('Detector_Failed', [shownName, `${error.message}.`], { cause: error })
  } finally {
    await Promise.all(opened.map(({ source }) => source.close()))
  }
}

/** An archive, or a model alone. */
async function ofOneFile(source: ByteSource) {
  const description = await readDetector(source, declared, defaultDetectorLimits)
  if (description.model === undefined) return { description, model: bytesOf(source) }
  const entries = await readZipDirectory(source, defaultDetectorLimits)
  const entry = entries.find(({ name }) => name === description.model)!
  return { description, model: readZipEntry(source, entry) }
}

async function ofFiles(opened: readonly InspectedFile[]) {
  const files = opened.map(({ name, source }): DetectorFile => {
    return { name, sizeBytes: source.sizeBytes, chunks: () => bytesOf(source) }
  })
  const description = await describeFiles(files, declared)
  return { description, model: files.find(({ name }) => name === description.model)!.chunks() }
}

async function inputShapeOf(path: string): Promise<UnpackedModel['inputShape']> {
  const source = await openFile(path)
  try {
    return (await readOnnxModel(bytesOf(source))).inputs[0]!.shape
  } finally {
    await source.close()
  }
}

async function* bytesOf(source: ByteSource): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < source.sizeBytes; done += pieceBytes)
    yield await source.read(done, Math.min(pieceBytes, source.sizeBytes - done))
}
