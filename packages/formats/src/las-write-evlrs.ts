// Writes the EVLRs behind the points; those that are not in memory are copied from the file they are in, piece by piece.
import type { ByteSource } from './byte-source.ts'
import type { LasVlr } from './las-vlr.ts'
import { encodeVlrHead } from './las-write-header.ts'

const pieceBytes = 4 * 1024 * 1024

/** Places for the header; 0 where there is no such record. */
export type EvlrPlaces = {
  readonly evlrOffset: number
  readonly evlrCount: number
  readonly waveformOffset: number
}

/** `out` is at the end of the points. Reading stops, and the reason of `signal` is thrown, within a piece's time. */
export async function writeEvlrs(
  evlrs: readonly LasVlr[],
  out: { readonly sizeBytes: number; append(bytes: Uint8Array): Promise<void> },
  { source, signal }: { readonly source?: ByteSource; readonly signal?: AbortSignal },
): Promise<EvlrPlaces> {
  const evlrOffset = evlrs.length > 0 ? out.sizeBytes : 0
  let waveformOffset = 0
  for (const evlr of evlrs) {
    if (isWaveforms(evlr)) waveformOffset = out.sizeBytes
    await out.append(encodeVlrHead(evlr, evlr.data?.length ?? evlr.sizeBytes, true))
    if (evlr.data) {
      await out.append(evlr.data)
      continue
    }
    for (let done = 0; done < evlr.sizeBytes; done += pieceBytes) {
      signal?.throwIfAborted()
      const length = Math.min(pieceBytes, evlr.sizeBytes - done)
      await out.append(await source!.read(evlr.dataOffset + done, length))
    }
  }
  return { evlrOffset, evlrCount: evlrs.length, waveformOffset }
}

function isWaveforms({ userId, recordId }: LasVlr): boolean {
  return userId === 'LASF_Spec' && recordId === 65535
}
