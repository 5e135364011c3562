// The files that a run writes of each file of its input: in which outputs, called what, in which format.
import { basename } from 'node:path'
import type { LasHeader } from '@alidade/formats'
import type { JobContext } from '../job-type.ts'
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

export interface WantedClouds {
  /** Internal names. */
  outputs: readonly string[]
  /** Whether exports are in another system than the cloud. */
  isReprojected: boolean
  /** What the files of an output are called. Default: as the output. */
  outputName?: (output: string) => string
}

export function isReprojected({ exportSrs }: JobContext['options'] = {}): boolean {
  return String(exportSrs ?? '').trim() !== ''
}

/**
 * The output whose files a scene refers to: segmentedPointCloud, or an export that is the same, so that no cloud is written for
 * the scene alone where there is one. Otherwise the scene has one beside it.
 */
export function homeOfCloud({ outputs, isReprojected }: WantedClouds): string | undefined {
  if (outputs.includes('segmentedPointCloud')) return 'segmentedPointCloud'
  if (!outputs.includes('segmentation3D')) return undefined
  const same = isReprojected ? [] : ['exportedSegmentation3DLAZ', 'exportedSegmentation3DLAS']
  return same.find((output) => outputs.includes(output)) ?? 'segmentation3D'
}

/** Of each input file in turn, that which a scene refers to first. */
export function segmentedFiles(
  inputs: readonly { name: string; header: Pick<LasHeader, 'compressed' | 'pointFormat'> | undefined }[],
  wanted: WantedClouds,
): SegmentedFile[][] {
  const { outputs, outputName = (output) => output } = wanted
  const home = homeOfCloud(wanted)
  return inputs.map(({ name, header }, i) => {
    const named = (stem: string, format: CloudFormat) =>
      inputs.length === 1 ? `${stem}.${format}` : `${stem}-${i + 1}-${stemOf(name)}.${format}`
    const files: SegmentedFile[] = []
    if (home === 'segmentedPointCloud' || home === 'segmentation3D') {
      const stem = home === 'segmentedPointCloud' ? outputName(home) : 'segmentedPointCloud'
      files.push({
        output: home,
        name: named(stem, formatOf(header)),
        format: formatOf(header),
        isExport: false,
      })
    }
    for (const [output, format] of exportFormats) {
      if (!outputs.includes(output)) continue
      files.push({ output, name: named(outputName(output), format), format, isExport: true })
    }
    return files.sort((a, b) => Number(b.output === home) - Number(a.output === home))
  })
}

function stemOf(name: string): string {
  return basename(name).replace(/(\.copc)?\.\w+$/i, '')
}
