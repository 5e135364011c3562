// What a tile leaves of what is in it, for vectors: boxes of crowns and poles, and its share of buildings and wires, which may
// reach into other tiles.
import { readFile, writeFile } from 'node:fs/promises'
import {
  cellsOfBuildings,
  convexHull,
  JoinedBuildings,
  type Pace,
  type BuildingCells,
  type PointArrays,
  type Segmentation,
} from '@alidade/analysis'
import type { WorkFiles, WorkFolder } from '../../job-type.ts'
import { readColumns, writeColumns } from '../../point-clouds/tiles/columns-file.ts'
import { buildingGroups, findUpright, type FoundObject, uprightSteps } from '../found-vectors.ts'
import { type CloudTile, isCore } from './cloud-in-tiles.ts'

/** Connected cells of a building, or of another area, as far as they are in the tile. */
export interface BuildingPiece {
  /** Steps of its first cell. */
  cell: [column: number, row: number]
  /** Around its samples: corners in plan, lowest and highest. */
  hull: [number, number][]
  low: number
  high: number
  samples: number
  /** Of all samples together. */
  confidence: number
}

export interface AreasInTile {
  pieces: BuildingPiece[]
  cells: BuildingCells
  roof: { x: Float64Array; y: Float64Array }
}

export interface FoundInTile extends AreasInTile {
  upright: FoundObject[]
  /** Of wires with a sample in the tile, all samples that it knows, in their order along each. */
  wires: { x: Float64Array; y: Float64Array; z: Float64Array; confidence: Float32Array; starts: Uint32Array }
}

const names = { things: 'things.json', buildings: 'buildings', wires: 'wires' } as const

/** Each sample is counted so often: with those of buildings, and while crowns and poles are found. */
export const foundSteps = 1 + uprightSteps

/** `pace` counts as of `foundSteps`. */
export async function foundInTile(
  segmentation: Segmentation,
  tile: CloudTile,
  unitsPerMetre: number,
  pace: Pace,
): Promise<FoundInTile> {
  const isIn = (x: number, y: number) => isCore(tile, x, y)
  const { footprints, samples, sampleConfidence } = segmentation
  const cells = cellsOfBuildings(footprints, isIn)
  // What is on a cell goes with it: the edge of a tile may run through cells.
  const joined = await JoinedBuildings.of([cells], footprints.plan.cellSize, () => pace(0))
  const { x, y } = footprints.roof
  const isRoofIn = (_: number, i: number) => joined.at(x[i]!, y[i]!) > 0
  const wires = segmentation.wires.filter((wire) =>
    wire.samples.some((i) => isIn(samples.x[i]!, samples.y[i]!)),
  )
  const ofWires = wires.flatMap((wire) => [...wire.samples])
  const starts = new Uint32Array(wires.length + 1)
  for (const [k, wire] of wires.entries()) starts[k + 1] = starts[k]! + wire.samples.length
  const coordinates = (column: Float64Array) => Float64Array.from(ofWires, (i) => column[i]!)
  const pieces = piecesOfBuildings(segmentation, joined)
  const roof = { x: x.filter(isRoofIn), y: y.filter(isRoofIn) }
  await pace(samples.x.length)
  return {
    upright: await findUpright(segmentation, unitsPerMetre, pace, isIn),
    pieces,
    cells,
    roof,
    wires: {
      ...{ x: coordinates(samples.x), y: coordinates(samples.y), z: coordinates(samples.z) },
      confidence: Float32Array.from(ofWires, (i) => sampleConfidence[i]!),
      starts,
    },
  }
}

function piecesOfBuildings(segmentation: Segmentation, joined: JoinedBuildings): BuildingPiece[] {
  const groups = buildingGroups(segmentation, (x, y) => joined.at(x, y))
  return piecesOfGroups(groups, segmentation, joined)
}

/** `groups`: samples, of one building of `joined` each. */
export function piecesOfGroups(
  groups: readonly (readonly number[])[],
  { samples, sampleConfidence }: { samples: PointArrays; sampleConfidence: Float32Array | undefined },
  joined: JoinedBuildings,
): BuildingPiece[] {
  return groups.map((of) => {
    const values = (column: Float64Array) => Float64Array.from(of, (i) => column[i]!)
    const first = of[0]!
    const heights = values(samples.z)
    return {
      cell: joined.firstCell(joined.at(samples.x[first]!, samples.y[first]!)),
      hull: convexHull(values(samples.x), values(samples.y)),
      low: heights.reduce((low, z) => Math.min(low, z)),
      high: heights.reduce((high, z) => Math.max(high, z)),
      samples: of.length,
      confidence: of.reduce((sum, i) => sum + (sampleConfidence?.[i] ?? 0), 0),
    }
  })
}

export async function writeFound(folder: WorkFolder, { upright, pieces, cells, roof, wires }: FoundInTile) {
  await writeFile(folder.path(names.things), JSON.stringify({ upright, pieces }))
  const { columns, rows, roofTop } = cells
  await writeColumns(folder.path(names.buildings), { columns, rows, roofTop, roofX: roof.x, roofY: roof.y })
  await writeColumns(folder.path(names.wires), wires)
}

export async function readFound(files: WorkFiles, signal: AbortSignal): Promise<FoundInTile> {
  const texts = await Promise.all(files[names.things]!.segments.map(({ path }) => readFile(path, 'utf8')))
  const { upright, pieces }: Pick<FoundInTile, 'upright' | 'pieces'> = JSON.parse(texts.join(''))
  const { roofX, roofY, ...cells } = await readColumns(files[names.buildings]!, signal)
  const wires = await readColumns(files[names.wires]!, signal)
  return {
    ...{ upright, pieces },
    cells: cells as unknown as BuildingCells,
    roof: { x: roofX as Float64Array, y: roofY as Float64Array },
    wires: wires as unknown as FoundInTile['wires'],
  }
}
