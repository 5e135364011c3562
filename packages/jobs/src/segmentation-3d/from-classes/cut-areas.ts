// Areas of a tile: those that lie in it as a whole, and its share of those that its edge cuts through.
import {
  cellsOfBuildings,
  type ClassAreas,
  JoinedBuildings,
  type Pace,
  type SamplesOfClass,
} from '@alidade/analysis'
import { type AreasInTile, piecesOfGroups } from '../tiles/found-in-tile.ts'

type IsIn = (x: number, y: number) => boolean

/** An area is in the tile by the middles of its cells. */
export function partAreas(all: ClassAreas, isIn: IsIn): { whole: ClassAreas; cut: ClassAreas } {
  const { plan, building, buildings } = all.areas
  const [inside, outside] = [new Uint8Array(buildings + 1), new Uint8Array(buildings + 1)]
  for (let at = 0; at < building.length; at++) {
    const number = building[at]!
    if (number === 0) continue
    const column = (at % plan.columns) + plan.firstColumn
    const row = Math.floor(at / plan.columns) + plan.firstRow
    const part = isIn((column + 0.5) * plan.cellSize, (row + 0.5) * plan.cellSize) ? inside : outside
    part[number] = 1
  }
  return {
    whole: areasWhere(all, (number) => outside[number] === 0),
    cut: areasWhere(all, (number) => inside[number] === 1 && outside[number] === 1),
  }
}

function areasWhere({ areas, samples }: ClassAreas, isWanted: (number: number) => boolean): ClassAreas {
  const numbers = new Uint32Array(areas.buildings + 1)
  let buildings = 0
  for (let number = 1; number < numbers.length; number++) if (isWanted(number)) numbers[number] = ++buildings
  return {
    areas: { ...areas, building: areas.building.map((number) => numbers[number]!), buildings },
    samples: samples.filter((_, k) => isWanted(k + 1)),
  }
}

/** What the tile has of areas that are cut. What is on a cell goes with it: the edge of a tile may run through cells. */
export async function shareOf(
  { areas, samples: groups }: ClassAreas,
  { points, confidence }: SamplesOfClass,
  isIn: IsIn,
  pace: Pace,
): Promise<AreasInTile> {
  const cells = cellsOfBuildings(areas, isIn)
  const joined = await JoinedBuildings.of([cells], areas.plan.cellSize, () => pace(0))
  const inPieces: number[][] = Array.from({ length: joined.count + 1 }, () => [])
  for (const of of groups) for (const i of of) inPieces[joined.at(points.x[i]!, points.y[i]!)]!.push(i)
  const { x, y } = areas.roof
  const isRoofIn = (_: number, i: number) => joined.at(x[i]!, y[i]!) > 0
  return {
    pieces: piecesOfGroups(
      inPieces.slice(1).filter(({ length }) => length > 0),
      { samples: points, sampleConfidence: confidence },
      joined,
    ),
    cells,
    roof: { x: x.filter(isRoofIn), y: y.filter(isRoofIn) },
  }
}
