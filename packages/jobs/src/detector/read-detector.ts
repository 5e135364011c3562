// Looks at the file of a detector, told by its first bytes: a zip archive with a manifest and a model, or a model alone.
// Nothing is run, nothing is written, and every entry is unpacked to count it.
import {
  type ByteSource,
  FormatError,
  readOnnxModel,
  readZipDirectory,
  readZipEntry,
  type ZipEntry,
} from '@alidade/formats'
import { describeBareModel } from './bare-model.ts'
import { describeFiles, describeModel } from './describe-files.ts'
import type { DeclaredDetector, DetectorDescription, DetectorLimits } from './detector.ts'

const rangeBytes = 1024 * 1024

/** FormatError with the place at fault: an entry, a member of the manifest, a tensor, a byte. */
export async function readDetector(
  source: ByteSource,
  declared: DeclaredDetector,
  limits: DetectorLimits,
): Promise<DetectorDescription> {
  const { sizeBytes } = source
  if (sizeBytes > limits.mostFileBytes) {
    throw new FormatError(
      'Unsupported',
      'file',
      `expected at most ${limits.mostFileBytes} bytes, got ${sizeBytes}`,
    )
  }
  const head = await source.read(0, Math.min(4, sizeBytes))
  if (isZip(head)) return readArchive(source, declared, limits)
  // Field 1 of an ONNX model, the version of its format.
  if (head[0] === 0x08) {
    const model = await readOnnxModel(bytesOf(source))
    return describeModel(await describeBareModel(model, declared), model, sizeBytes, declared)
  }
  const got = head.length === 0 ? 'an empty file' : `bytes that begin ${[...head].map(hexadecimal).join(' ')}`
  throw new FormatError('Unsupported', 'byte 0', `expected a zip archive or an ONNX model, got ${got}`)
}

async function readArchive(
  source: ByteSource,
  declared: DeclaredDetector,
  limits: DetectorLimits,
): Promise<DetectorDescription> {
  const entries = await readZipDirectory(source, limits)
  const files = entries
    .filter(({ folder }) => !folder)
    .map((entry) => ({
      name: entry.name,
      sizeBytes: entry.unpackedBytes,
      chunks: () => refusingArchives(source, entry),
    }))
  const described = await describeFiles(files, declared)
  for (const { name, chunks } of files) {
    if (name === described.model) continue
    for await (const _ of chunks());
  }
  return described
}

/** An archive inside the archive would be counted packed, and unpacked later by somebody who does not count. */
async function* refusingArchives(source: ByteSource, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  let first = true
  for await (const piece of readZipEntry(source, entry)) {
    if (first && isZip(piece)) {
      throw new FormatError('Unsupported', entry.name, 'expected no archive inside the archive')
    }
    first = false
    yield piece
  }
}

async function* bytesOf(source: ByteSource): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < source.sizeBytes; done += rangeBytes) {
    yield await source.read(done, Math.min(rangeBytes, source.sizeBytes - done))
  }
}

function isZip(bytes: Uint8Array): boolean {
  const [p, k, a, b] = bytes
  return p === 0x50 && k === 0x4b && ((a === 3 && b === 4) || (a === 5 && b === 6))
}

function hexadecimal(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}
