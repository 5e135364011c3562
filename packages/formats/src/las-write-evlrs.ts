// Writes the EVLRs behind the points; those that are not in memory are copied from the file they are in, piece by piece.
import type { ByteSource } from './byte-source.ts'
import { evlrHeaderBytes } from './las-vlr.ts'
import type { LasVlr } from './las-vlr.ts'
import { encodeVlrHead } from './las-write-header.ts'

const pieceBytes = 4 * 1024 * 1024

/** Places for the header; 0 where there is no such record. */
export type EvlrPlaces = {
  readonly evlrOffset: number
  readonly evlrCount: number
  readonly waveformOffset: number
}

/**
 * Writes them from `pointsEnd` on, by `write`, which appends. Reading stops, and the reason of `signal` is thrown, within a
 * piece's time.
 */
export async function writeEvlrs(
  evlrs: readonly LasVlr[],
  pointsEnd: number,
  write: (bytes: Uint8Array) => Promise<void>,
  { source, signal }: { readonly source?: ByteSource; readonly signal?: AbortSignal },
): Promise<EvlrPlaces> {
  let at = pointsEnd
  let waveformOffset = 0
  for (const evlr of evlrs) {
    if (isWaveforms(evlr)) waveformOffset = at
    const { data, dataOffset } = evlr
    const sizeBytes = data?.length ?? evlr.sizeBytes
    await write(encodeVlrHead(evlr, sizeBytes, true))
    if (data) await write(data)
    for (let done = 0; !data && done < sizeBytes; done += pieceBytes) {
      signal?.throwIfAborted()
      await write(await source!.read(dataOffset + done, Math.min(pieceBytes, sizeBytes - done)))
    }
    at += evlrHeaderBytes + sizeBytes
  }
  return { evlrOffset: evlrs.length > 0 ? pointsEnd : 0, evlrCount: evlrs.length, waveformOffset }
}

function isWaveforms({ userId, recordId }: LasVlr): boolean {
  return userId === 'LASF_Spec' && recordId === 65535
}
