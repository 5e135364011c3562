// The points of a LAS file of format 6 again, as format 9: each with a waveform, in a file beside them.
import { stat, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { createLasWriter, openFile, readLasHeader, readPointBatches } from '@alidade/formats'
import type { InputFile } from '../job-type.ts'

/** Of a record of format 6 and of format 9 (LAS 1.4 R15, section 2.6). */
const [plainBytes, waveformBytes] = [30, 59] as const

/** Writes `name.wave.las` and `name.wave.wdp`; the waveforms are bytes counted up, two for each point. */
export async function withWaveforms(path: string): Promise<{ las: string; wdp: string; file: InputFile }> {
  const [las, wdp] = ['las', 'wdp'].map((end) => path.replace(/las$/, `wave.${end}`)) as [string, string]
  const source = await openFile(path)
  try {
    const header = await readLasHeader(source)
    const globalEncoding = header.globalEncoding | 0b100
    const like = { ...header, pointFormat: 9, pointRecordLength: waveformBytes, globalEncoding }
    const writer = await createLasWriter(las, { like, createdAt: new Date(0) })
    for await (const { firstIndex, count, records } of readPointBatches(source, header)) {
      const wide = Buffer.alloc(count * waveformBytes)
      for (let i = 0; i < count; i++) {
        const at = i * waveformBytes
        wide.set(records.subarray(i * plainBytes, (i + 1) * plainBytes), at)
        wide.writeUInt8(1, at + plainBytes)
        wide.writeBigUInt64LE(BigInt(60 + 2 * (firstIndex + i)), at + plainBytes + 1)
        wide.writeUInt32LE(2, at + plainBytes + 9)
      }
      await writer.append(wide, count)
    }
    await writer.close()
    await writeFile(
      wdp,
      Uint8Array.from({ length: 60 + 2 * header.pointCount }, (_, i) => i),
    )
  } finally {
    await source.close()
  }
  const segmentsOf = async (file: string) => [{ path: file, sizeBytes: (await stat(file)).size }]
  const file = { name: basename(las), segments: await segmentsOf(las), waveforms: await segmentsOf(wdp) }
  return { las, wdp, file }
}
