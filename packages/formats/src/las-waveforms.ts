// Waveforms that lie in a file of their own beside the points (LAS 1.3 R11 and 1.4 R15: the same name, `.wdp`).
import type { LasHeader } from './las-header.ts'

/** Bit of the global encoding. */
const waveformsBeside = 0b100
const formatsWithWaveforms: readonly number[] = [4, 5, 9, 10]

/** Whether points refer to waveforms in a file beside theirs. */
export function refersToWaveformsFile({
  pointFormat,
  globalEncoding,
}: Pick<LasHeader, 'pointFormat' | 'globalEncoding'>): boolean {
  return formatsWithWaveforms.includes(pointFormat) && (globalEncoding & waveformsBeside) !== 0
}

/** What the file of waveforms is called of a LAS file of this name; undefined for names of other files. */
export function waveformsFileName(lasName: string): string | undefined {
  return /\.las$/i.test(lasName) ? `${lasName.slice(0, -'.las'.length)}.wdp` : undefined
}
