// The files that a run writes of each file of its input: in which outputs, called what, in which format.
import { basename } from 'node:path'
import type { LasHeader } from '@alidade/formats'
import { type CloudFormat, formatOf } from './open-cloud-writer.ts'

export interface SegmentedFile {
  /** Internal name of its output. */
  output: string
  /** Name in the folder of the output. */
  name: string
  format: CloudFormat
  /** Whether the option exportSrs is about it. */
  isExport: boolean
}

const exportFormats: readonly (readonly [output: string, format: CloudFormat])[] = [
  ['exportedSegmentation3DLAS', 'las'],
  ['exportedSegmentation3DLAZ', 'laz'],
  ['exportedSegmentation3DPLY', 'ply'],
]

/** Where the segmented cloud lies that a scene refers to: it always refers to one that is there. */
export function homeOfCloud(
  outputs: readonly string[],
): 'segmentedPointCloud' | 'segmentation3D' | undefined {
  if (outputs.includes('segmentedPointCloud')) return 'segmentedPointCloud'
  return outputs.includes('segmentation3D') ? 'segmentation3D' : undefined
}

/** `inputs`: names and headers of the input files. `outputName`: what the files of an output are called. */
export function segmentedFiles(
  inputs: readonly { name: string; header: Pick<LasHeader, 'compressed' | 'pointFormat'> | undefined }[],
  outputs: readonly string[],
  outputName: (output: string) => string = (output) => output,
): SegmentedFile[][] {
  const home = homeOfCloud(outputs)
  return inputs.map(({ name, header }, i) => {
    const named = (stem: string, format: CloudFormat) =>
      inputs.length === 1 ? `${stem}.${format}` : `${stem}-${i + 1}-${stemOf(name)}.${format}`
    const files: SegmentedFile[] = []
    if (home !== undefined) {
      const format = formatOf(header)
      const stem = home === 'segmentedPointCloud' ? outputName(home) : 'segmentedPointCloud'
      files.push({ output: home, name: named(stem, format), format, isExport: false })
    }
    for (const [output, format] of exportFormats) {
      if (!outputs.includes(output)) continue
      files.push({ output, name: named(outputName(output), format), format, isExport: true })
    }
    return files
  })
}

function stemOf(name: string): string {
  return basename(name).replace(/(\.copc)?\.\w+$/i, '')
}
