// What a tile leaves to the merging: of its own points and of the cells of surfaces around them.
import type { PointsOfCells } from '@alidade/analysis'
import type { InputFile, WorkFiles, WorkFolder } from '../../job-type.ts'
import { readColumns, writeColumns } from '../../point-clouds/tiles/columns-file.ts'

/** Of the points of one survey that lie in the tile, in the order of the survey. */
export interface OwnPoints {
  number: Uint32Array
  /** To the other survey: as they lie, if that is asked for, and as changes are told. */
  lying: Float32Array
  distance: Float32Array
  /** Empty where distances alone tell changes. */
  absence: Float32Array
  /** Those whose distance or absence depends on points beyond the halo: their places among these. */
  open: Uint32Array
}

/** Cells with points of the tile in them, and those whose middle lies in it: as `MeasuredSurfaces` has them. */
export interface OwnCells {
  steps: Int32Array
  offset: Float32Array
  variance: Float32Array
  smoothShare: Float32Array
  normalZ: Float32Array
  /** 1: the middle of the cell lies in the tile. */
  isOwn: Uint32Array
  /** Of the own points, by their places among those of both surveys. */
  points: PointsOfCells
}

/** Those of the cells of the tile whose hash is in the sample of so many cells. */
export interface SampledCells extends Pick<OwnCells, 'steps' | 'variance' | 'smoothShare' | 'normalZ'> {
  scatter: Float32Array
  /** One number: how many cells belong to the tile. */
  cellCount: Uint32Array
}

export interface TileResults {
  points: [OwnPoints, OwnPoints]
  /** Absent where distances alone tell changes. */
  surfaces?: { cells: OwnCells; sample: SampledCells } | undefined
  /** Differences of the own points to the colours around them, where these are compared. */
  colours?: [Float32Array, Float32Array] | undefined
  /** Plan cells with own points in them. */
  occupied: [Int32Array, Int32Array]
}

const names = {
  points: ['own-A', 'own-B'],
  cells: 'cells',
  sample: 'sample',
  colours: 'colours',
  occupied: 'occupied',
} as const

export async function writeTileResults(folder: WorkFolder, results: TileResults): Promise<void> {
  for (const epoch of [0, 1] as const)
    await writeColumns(folder.path(names.points[epoch]), { ...results.points[epoch] })
  const { surfaces, colours } = results
  if (surfaces !== undefined) {
    const { points, ...cells } = surfaces.cells
    await writeColumns(folder.path(names.cells), { ...cells, ...points })
    await writeColumns(folder.path(names.sample), { ...surfaces.sample })
  }
  if (colours !== undefined) await writeColumns(folder.path(names.colours), { a: colours[0], b: colours[1] })
  await writeColumns(folder.path(names.occupied), { a: results.occupied[0], b: results.occupied[1] })
}

const fileIn = (files: WorkFiles, name: string): InputFile => files[name]!

export async function readOwnPoints(
  files: WorkFiles,
  epoch: 0 | 1,
  signal: AbortSignal,
  columns?: readonly (keyof OwnPoints)[],
): Promise<OwnPoints> {
  return (await readColumns(fileIn(files, names.points[epoch]), signal, columns)) as unknown as OwnPoints
}

export async function readOwnCells(files: WorkFiles, signal: AbortSignal): Promise<OwnCells> {
  const { order, start, ...cells } = await readColumns(fileIn(files, names.cells), signal)
  return { ...cells, points: { order, start } } as unknown as OwnCells
}

export async function readSample(files: WorkFiles, signal: AbortSignal): Promise<SampledCells> {
  return (await readColumns(fileIn(files, names.sample), signal)) as unknown as SampledCells
}

export async function readOccupied(files: WorkFiles, signal: AbortSignal): Promise<[Int32Array, Int32Array]> {
  const { a, b } = await readColumns(fileIn(files, names.occupied), signal)
  return [a as Int32Array, b as Int32Array]
}

export async function readColours(
  files: WorkFiles,
  signal: AbortSignal,
): Promise<[Float32Array, Float32Array]> {
  const { a, b } = await readColumns(fileIn(files, names.colours), signal)
  return [a as Float32Array, b as Float32Array]
}
