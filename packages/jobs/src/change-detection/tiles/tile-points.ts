// The points in and around a tile as its files have them, with their colours where these are compared.
import type { InputFile, WorkFiles } from '../../job-type.ts'
import { type NumberedPoints, readPointsAndColumns } from '../../point-clouds/tiles/point-files.ts'
import { pointsName, type Whole } from './whole.ts'

export interface TilePoints extends NumberedPoints {
  /** As `ColouredPoints` has them, in 16 bits; empty where they are not compared. */
  rgb: Uint16Array
}

export async function readTilePoints(
  files: WorkFiles,
  { columns: dealt, colourSteps }: Pick<Whole, 'columns' | 'colourSteps'>,
  epoch: 0 | 1,
  tile: number,
  signal: AbortSignal,
): Promise<TilePoints> {
  const file = files[pointsName(epoch, tile)]!
  const { points, columns } = await readPointsAndColumns(file, signal, { columns: dealt })
  const colours = colourSteps === undefined ? [] : columns
  const rgb = new Uint16Array(colours.length * points.x.length)
  const step = colourSteps?.[epoch] ?? 1
  for (const [band, column] of colours.entries())
    for (let i = 0; i < column.length; i++) rgb[3 * i + band] = step * column[i]!
  return { ...points, rgb }
}

/** Those for which `isWanted` holds, without their colours. */
export async function readPlaces(
  file: InputFile,
  { columns }: Pick<Whole, 'columns'>,
  signal: AbortSignal,
  isWanted: (x: number, y: number) => boolean,
): Promise<NumberedPoints> {
  return (await readPointsAndColumns(file, signal, { columns, isWanted })).points
}
