// Waveforms in a file beside a cloud: points tell where in it theirs are, so that results need the file beside them too.
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { jobWarningMessage } from '@alidade/contract/jobs'
import {
  type ByteSource,
  type LasHeader,
  openFile,
  refersToWaveformsFile,
  waveformsFileName,
} from '@alidade/formats'
import type { InspectedFile, JobContext } from '../job-type.ts'
import type { Cloud } from './cloud.ts'

const pieceBytes = 4 * 1024 * 1024

/**
 * Puts the waveforms of a file of the cloud beside each of `paths`, those that are LAS files of its points; warns where its
 * points refer to waveforms that nobody gave.
 */
export async function bringWaveforms(
  cloud: Cloud,
  file: number,
  paths: readonly string[],
  { signal, warn }: Pick<JobContext, 'signal' | 'warn'>,
): Promise<void> {
  if (!refersToWaveformsFile(cloud.headers[file]!)) return
  const targets = paths.flatMap((path) => waveformsFileName(path) ?? [])
  if (targets.length === 0) return
  const { name, waveforms } = cloud.files[file]!
  if (waveforms === undefined) {
    warn(jobWarningMessage('Waveforms_Missing', name, cloud.input, waveformsFileName(name)!))
    return
  }
  const source = await openFile(waveforms)
  try {
    for (const target of targets)
      await pipeline(() => piecesOf(source), createWriteStream(target), { signal })
  } finally {
    await source.close()
  }
}

async function* piecesOf(source: ByteSource): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < source.sizeBytes; at += pieceBytes)
    yield await source.read(at, Math.min(pieceBytes, source.sizeBytes - at))
}

/** What has to be brought beside each LAS file of the points of a file. */
export function waveformBytes({ waveforms = [] }: InspectedFile, header: LasHeader): number {
  return refersToWaveformsFile(header) ? waveforms.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) : 0
}
