// A writer of points for each format that a segmented cloud is written as.
import { createLasWriter, type LasHeader, type LasWriter } from '@alidade/formats'
import type { CloudFormat } from './segmented-files.ts'

/** Formats that can be written. */
export const writableFormats: ReadonlySet<CloudFormat> = new Set(['las'])

export function openCloudWriter(
  path: string,
  format: CloudFormat,
  { like }: { like: LasHeader; threads: number },
): Promise<LasWriter> {
  // The same inputs give the same bytes: no clock.
  const createdAt = new Date(0)
  switch (format) {
    case 'las':
    case 'laz':
    case 'ply':
      return createLasWriter(path, { like, createdAt })
  }
}
