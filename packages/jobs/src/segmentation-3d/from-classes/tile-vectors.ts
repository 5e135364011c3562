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
import { boxAround, JoinedAreas, meanConfidence, samplesOf } from '../tiles/joined-areas.ts'
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

/** What a tile makes. */
export type TileVectors = Pick<VectorsOfPlace, 'objects3D' | 'polygons3D' | 'cut'>

export async function writeTileVectors(
  results: WorkFolder,
  { objects3D, polygons3D, cut }: TileVectors,
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

async function readTileVectors(files: WorkFiles, signal: AbortSignal): Promise<TileVectors> {
  const texts = await Promise.all(files[thingsName]!.segments.map(({ path }) => readFile(path, 'utf8')))
  const { objects3D, polygons3D, pieces }: Things = JSON.parse(texts.join(''))
  const cut: TileVectors['cut'] = new Map()
  for (const [code, of] of pieces) cut.set(code, [await readAreas(files, code, of, signal)])
  return { objects3D, polygons3D, cut }
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
  /** Whether samples tell how sure their classes are. */
  withConfidence?: boolean
}

/** Parts that this counts in: tiles, then areas that were cut. */
export const [tilesPart, joinPart] = ['read tiles', 'join']

/** Objects and polygons of all tiles that have left theirs in files. */
export async function vectorsOfTiles(
  tiles: MergeContext['tiles'],
  options: JoinOptions,
): Promise<Omit<MadeVectors, 'lines3D'>> {
  const { progress, signal } = options
  const reading = progress.begin('Classify_Points', { part: tilesPart, total: tiles.length, unit: 'tiles' })
  const found: TileVectors[] = []
  for (const { results } of tiles) {
    signal.throwIfAborted()
    found.push(await readTileVectors(results, signal))
    reading.advance(1)
  }
  return joinedVectors(found, options)
}

/** Objects and polygons in the order of the tiles, then those whose areas edges of tiles cut through. */
export async function joinedVectors(
  tiles: readonly TileVectors[],
  { place, makings, region, progress, signal, withConfidence = false }: JoinOptions,
): Promise<Omit<MadeVectors, 'lines3D'>> {
  const objects3D = tiles.flatMap((tile) => tile.objects3D.filter((one) => isWithin(one, region)))
  const polygons3D = tiles.flatMap((tile) =>
    tile.polygons3D.filter(({ outer }) => isRingWithin(outer, region)),
  )
  const pace: Pace = async () => {
    await new Promise((resolve) => setImmediate(resolve))
    signal.throwIfAborted()
  }
  const areas: { code: number; all: JoinedAreas }[] = []
  for (const code of makings.keys()) {
    const parts = tiles.flatMap(({ cut }) => cut.get(code) ?? [])
    if (parts.length > 0)
      areas.push({ code, all: await JoinedAreas.of(parts, cellOfAreas(code, place), pace) })
  }
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
      const sure = withConfidence ? meanConfidence(pieces) : undefined
      if (boxes) {
        const object = objectOf(code, boxAround(pieces), sure, place.classes)
        if (isWithin(object, region)) objects3D.push(object)
      }
      if (!outlines) continue
      for (const outline of buildingOutlines(closedArea(footprints, place.seenGround)))
        if (isRingWithin(outline.outer, region))
          polygons3D.push(polygonOf(code, outline, sure, place.classes))
    }
  }
  return { objects3D, polygons3D }
}
