// What a tile has made of its classes, and all of it put together: areas that the edges of tiles cut through are whole again.
import { readFile, writeFile } from 'node:fs/promises'
import {
  type BuildingCells,
  buildingOutlines,
  closedArea,
  type Pace,
  type PlanRegion,
} from '@alidade/analysis'
import type { JobContext, MergeContext, Progress, WorkFiles, WorkFolder } from '../../job-type.ts'
import { readColumns, writeColumns } from '../../point-clouds/tiles/columns-file.ts'
import { joined } from '../../point-clouds/tiles/places.ts'
import { type FoundObject, type FoundPolygon, isWithin } from '../found-vectors.ts'
import type { AreasInTile, BuildingPiece } from '../tiles/found-in-tile.ts'
import { boxAround, JoinedAreas, samplesOf } from '../tiles/joined-areas.ts'
import type { MadeVectors } from '../write-found.ts'
import {
  cellOfAreas,
  type ClassPlace,
  fewestSamples,
  isRingWithin,
  objectOf,
  polygonOf,
  type VectorsOfPlace,
} from './make-vectors.ts'
import type { Makings } from './vector-classes.ts'

const thingsName = 'things.json'
const areasName = (code: number) => `areas-${code}`

interface Things {
  objects3D: FoundObject[]
  polygons3D: FoundPolygon[]
  /** By code, of the areas that are cut. */
  pieces: [number, BuildingPiece[]][]
}

export async function writeTileVectors(
  results: WorkFolder,
  { objects3D, polygons3D, cut }: VectorsOfPlace,
): Promise<void> {
  const pieces: Things['pieces'] = []
  for (const [code, parts] of cut) {
    pieces.push([code, parts.flatMap((part) => part.pieces)])
    const all = <Values extends Int32Array | Float32Array | Float64Array>(
      of: (part: AreasInTile) => Values,
    ) => joined(parts.map(of), of(parts[0]!))
    await writeColumns(results.path(areasName(code)), {
      columns: all(({ cells }) => cells.columns),
      rows: all(({ cells }) => cells.rows),
      roofTop: all(({ cells }) => cells.roofTop),
      roofX: all(({ roof }) => roof.x),
      roofY: all(({ roof }) => roof.y),
    })
  }
  const things: Things = { objects3D, polygons3D, pieces }
  await writeFile(results.path(thingsName), JSON.stringify(things))
}

async function readThings(files: WorkFiles): Promise<Things> {
  const texts = await Promise.all(files[thingsName]!.segments.map(({ path }) => readFile(path, 'utf8')))
  return JSON.parse(texts.join(''))
}

async function readAreas(
  files: WorkFiles,
  code: number,
  pieces: BuildingPiece[],
  signal: AbortSignal,
): Promise<AreasInTile> {
  const { roofX, roofY, ...cells } = await readColumns(files[areasName(code)]!, signal)
  return {
    ...{ pieces, cells: cells as unknown as BuildingCells },
    roof: { x: roofX as Float64Array, y: roofY as Float64Array },
  }
}

export interface JoinOptions extends Pick<JobContext, 'signal'> {
  place: ClassPlace
  makings: ReadonlyMap<number, Makings>
  region: PlanRegion | undefined
  progress: Progress<'Classify_Points'>
}

/** Parts that this counts in: tiles, then areas that were cut. */
export const [tilesPart, joinPart] = ['read tiles', 'join']

/** Objects and polygons, in the order of the tiles. */
export async function vectorsOfTiles(
  tiles: MergeContext['tiles'],
  { place, makings, region, progress, signal }: JoinOptions,
): Promise<Omit<MadeVectors, 'lines3D'>> {
  const reading = progress.begin('Classify_Points', { part: tilesPart, total: tiles.length, unit: 'tiles' })
  const objects3D: FoundObject[] = []
  const polygons3D: FoundPolygon[] = []
  const cut = new Map<number, AreasInTile[]>([...makings.keys()].map((code) => [code, []]))
  for (const { results } of tiles) {
    signal.throwIfAborted()
    const things = await readThings(results)
    for (const one of things.objects3D) if (isWithin(one, region)) objects3D.push(one)
    for (const one of things.polygons3D) if (isRingWithin(one.outer, region)) polygons3D.push(one)
    for (const [code, pieces] of things.pieces)
      cut.get(code)!.push(await readAreas(results, code, pieces, signal))
    reading.advance(1)
  }
  const pace: Pace = async () => {
    await new Promise((resolve) => setImmediate(resolve))
    signal.throwIfAborted()
  }
  const areas: { code: number; all: JoinedAreas }[] = []
  for (const [code, parts] of cut)
    if (parts.length > 0)
      areas.push({ code, all: await JoinedAreas.of(parts, cellOfAreas(code, place), pace) })
  const total = areas.reduce((sum, { all }) => sum + all.pieces.length - 1, 0)
  const joining = progress.begin('Classify_Points', { part: joinPart, total, unit: 'areas' })
  for (const { code, all } of areas) {
    const { boxes, outlines } = makings.get(code)!
    let number = 0
    for await (const footprints of all.footprints(pace)) {
      await pace(1)
      joining.advance(1)
      const pieces = all.pieces[++number]!
      if (samplesOf(pieces) < fewestSamples) continue
      if (boxes) {
        const object = objectOf(code, boxAround(pieces), undefined, place.classes)
        if (isWithin(object, region)) objects3D.push(object)
      }
      if (!outlines) continue
      for (const outline of buildingOutlines(closedArea(footprints, place.seenGround)))
        if (isRingWithin(outline.outer, region))
          polygons3D.push(polygonOf(code, outline, undefined, place.classes))
    }
  }
  return { objects3D, polygons3D }
}
