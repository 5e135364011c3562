// A writer of points for each format that a segmented cloud is written as.
import {
  canWriteLaz,
  chunkPointsOf,
  createLasWriter,
  createPlyWriter,
  type LasHeader,
  type LasWriter,
  type LasWriterOptions,
} from '@alidade/formats'

export type CloudFormat = 'las' | 'laz' | 'ply'

/** The format of a cloud that is written as it came: LAZ, where LAZ can hold it, or LAS. */
export function formatOf(header: Pick<LasHeader, 'compressed' | 'pointFormat'> | undefined): 'las' | 'laz' {
  return header?.compressed === true && canWriteLaz(header.pointFormat) ? 'laz' : 'las'
}

const fewestChunksForThreads = 4

/** Of a writer of LAZ: below some chunks the start of threads takes longer than they save. */
export function encodingThreads(
  { pointCount, pointRecordLength }: Pick<LasHeader, 'pointCount' | 'pointRecordLength'>,
  threads: number,
): number {
  return pointCount >= fewestChunksForThreads * chunkPointsOf(pointRecordLength) ? threads : 1
}

export function openCloudWriter(
  path: string,
  format: CloudFormat,
  options: Pick<LasWriterOptions, 'like' | 'source' | 'signal' | 'extraBytes' | 'lazThreads'> & {
    threads: number
  },
): Promise<LasWriter> {
  const { threads, lazThreads, ...cloud } = options
  // The same inputs give the same bytes: no clock.
  const createdAt = new Date(0)
  switch (format) {
    case 'las':
      return createLasWriter(path, { ...cloud, createdAt })
    case 'laz':
      return createLasWriter(path, {
        ...cloud,
        createdAt,
        ...{ compressed: true, lazThreads },
        threads: encodingThreads(cloud.like, threads),
      })
    case 'ply':
      return createPlyWriter(path, cloud)
  }
}
