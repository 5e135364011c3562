// A writer of points for each format that a segmented cloud is written as.
import { canWriteLaz, createLasWriter, type LasHeader, type LasWriterOptions } from '@alidade/formats'
import type { LasWriter } from '@alidade/formats'

export type CloudFormat = 'las' | 'laz' | 'ply'

/** The format of a cloud that is written as it came: LAZ, where LAZ can hold it, or LAS. */
export function formatOf(header: Pick<LasHeader, 'compressed' | 'pointFormat'> | undefined): 'las' | 'laz' {
  return header?.compressed === true && canWriteLaz(header.pointFormat) ? 'laz' : 'las'
}

export function openCloudWriter(
  path: string,
  format: CloudFormat,
  options: Pick<LasWriterOptions, 'like' | 'source' | 'signal'> & { threads: number },
): Promise<LasWriter> {
  const { threads, ...cloud } = options
  // The same inputs give the same bytes: no clock.
  const createdAt = new Date(0)
  switch (format) {
    case 'las':
      return createLasWriter(path, { ...cloud, createdAt })
    case 'laz':
      return createLasWriter(path, { ...cloud, createdAt, compressed: true, threads })
    case 'ply':
      throw new TypeError('PLY is not written yet')
  }
}
