// The header of a file of a survey; of other formats what it will be once the file is brought into LAS.
import {
  type Crs,
  type ForeseenCloud,
  foreseeCloud,
  formatOfName,
  type LasHeader,
  readLasHeader,
} from '@alidade/formats'
import type { InspectedFile } from '../job-type.ts'

export interface ForeseenHeader extends LasHeader {
  /** Its bounds are a guess, and its number of points may be. */
  foreseen: ForeseenCloud
}

export function isForeseen(header: LasHeader): header is ForeseenHeader {
  return 'foreseen' in header
}

/** The format of a file that has to be brought into LAS before its points can be read. */
export function foreignFormatOf(name: string) {
  const format = formatOfName(name)?.name
  return format === undefined || format === 'las' || format === 'laz' ? undefined : format
}

/** FormatError as `readLasHeader` and `foreseeCloud` throw it. */
export async function readAnyHeader({ name, source, isLas }: InspectedFile): Promise<LasHeader> {
  const format = isLas ? undefined : foreignFormatOf(name)
  if (format === undefined) return readLasHeader(source)
  const foreseen = await foreseeCloud(source, format)
  const pointFormat = foreseen.hasColours ? 7 : 6
  const pointCount = pointsOf(foreseen)
  const header: ForeseenHeader = {
    foreseen,
    versionMinor: 4,
    pointFormat,
    pointRecordLength: (pointFormat === 7 ? 36 : 30) + 8 * foreseen.columns,
    pointCount,
    pointCountByReturn: [],
    ...{ scale: [1, 1, 1], offset: [0, 0, 0], bounds: guessedBounds(pointCount, foreseen.crs) },
    ...{ headerSizeBytes: 375, pointDataOffset: 375, compressed: false, vlrs: [], extraBytes: [] },
    ...(foreseen.crs && { crs: foreseen.crs }),
    ...{ globalEncoding: 0, fileSourceId: 0, projectId: new Uint8Array(16) },
    ...{ systemIdentifier: '', generatingSoftware: '' },
  }
  return header
}

/** Whether anything is there to be brought into LAS. */
export function isAnyForeign(files: readonly { name: string; isLas?: true }[]): boolean {
  return files.some(({ name, isLas }) => !isLas && foreignFormatOf(name) !== undefined)
}

const pointsPerSquareMetre = 10

/** A square that surveys commonly have so many points in; where it lies nobody knows. */
function guessedBounds(pointCount: number, crs: Crs | undefined): LasHeader['bounds'] {
  const side = Math.sqrt(pointCount / pointsPerSquareMetre) / (crs?.linearUnit.metres ?? 1)
  return { min: [0, 0, 0], max: [side, side, 0] }
}

/** As `meshResolution` of analysis has it: two samples for each vertex, within these bounds. */
const [fewestSamples, mostSamples] = [1_000_000, 20_000_000]

/** Of a surface what its sampling without a resolution gives; one that is given makes more or fewer of them. */
function pointsOf({ count, isSurface }: ForeseenCloud): number {
  return isSurface ? Math.min(mostSamples, Math.max(fewestSamples, 2 * count)) : count
}
