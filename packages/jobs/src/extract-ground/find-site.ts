// The site of a cloud whose headers state bounds that are absurd beside how many points it has: every point is looked at once.
import { decodeXyz, type LazThreads, readPointBatches } from '@alidade/formats'
import type { JobContext, Progress } from '../job-type.ts'
import type { Cloud } from '../point-clouds/cloud.ts'
import { asJobError } from '../point-clouds/format-faults.ts'
import { Coordinates } from './read-clouds.ts'
import { type Site, SiteBlocks } from './site-blocks.ts'

/** As parts of files that are read: numbers count from 1. */
export function sitePart(file: number): string {
  return `site of file ${file + 1}`
}

export interface FindSiteOptions extends Pick<JobContext, 'signal' | 'threads'> {
  progress: Progress<'Read_Clouds'>
  lazThreads: LazThreads
  /** So far points lie from all others that are apart. */
  gap: number
}

export async function findSite(
  { input, files, headers }: Cloud,
  { progress, gap, ...reading }: FindSiteOptions,
): Promise<Site | undefined> {
  const blocks = new SiteBlocks(gap)
  const columns = new Coordinates()
  for (const [file, { name, source }] of files.entries()) {
    const header = headers[file]!
    const total = header.pointCount
    const looking = progress.begin('Read_Clouds', { part: sitePart(file), total, unit: 'points' })
    try {
      for await (const batch of readPointBatches(source, header, reading)) {
        const { x, y, z } = columns.for(batch.count)
        decodeXyz(batch, header, x, y, z, 0)
        blocks.add({ x, y }, batch.count)
        looking.advance(batch.count)
      }
    } catch (error) {
      throw asJobError(error, input, name)
    }
  }
  return blocks.site()
}
