/** Passes over rasters in pieces that threads can share: what a piece writes depends on nothing that other pieces write. */
import { type ContinuationPass, findContinuations } from './ground-continuation.ts'
import { blocksOf, cellsOf, type OpeningPass, openBlock } from './ground-openings.ts'
import { type TolerancePass, writeTolerance } from './ground-tolerance.ts'
import type { Pace } from './pace.ts'
import { type Band, bandsOf } from './raster-bands.ts'
import { fillNearestBand, type NearestPass, nearestBands } from './raster-nearest.ts'
import { type SmoothPass, smoothBand } from './raster-smooth.ts'

/** Plain data, its arrays in shared memory where threads work on it. */
export type RasterPass = OpeningPass | NearestPass | ContinuationPass | SmoothPass | TolerancePass

/** Cells that a piece is there for, which all pieces together have once. */
export function cellsOfPiece(pass: RasterPass, piece: number): number {
  if (isOpening(pass)) return cellsOf(blocksOf(pass)[piece]!)
  const [fromRow, endRow] = bandsOfPass(pass)[piece]!
  return (endRow - fromRow) * pass.plan.columns
}

/** Runs all pieces of a pass, in any order, and tells of each when it is done. */
export type RunPass = (pass: RasterPass, onPiece?: (piece: number) => void) => Promise<void>

export function piecesOf(pass: RasterPass): number {
  return isOpening(pass) ? blocksOf(pass).length : bandsOfPass(pass).length
}

export function workOnPiece(pass: RasterPass, piece: number): void {
  if (isOpening(pass)) {
    openBlock(pass, blocksOf(pass)[piece]!)
    return
  }
  const band = bandsOfPass(pass)[piece]!
  switch (pass.kind) {
    case 'nearest':
      fillNearestBand(pass, ...band)
      break
    case 'smooth':
      smoothBand(pass, ...band)
      break
    case 'continuation':
      findContinuations(pass, ...band)
      break
    case 'tolerance':
      writeTolerance(pass, ...band)
      break
  }
}

function isOpening(pass: RasterPass): pass is OpeningPass {
  return pass.kind === 'outliers' || pass.kind === 'objects' || pass.kind === 'lowest'
}

function bandsOfPass(pass: Exclude<RasterPass, OpeningPass>): Band[] {
  return pass.kind === 'nearest' ? nearestBands(pass) : bandsOf(pass.plan)
}

/** One piece after the other on this thread, which others get between two. */
export function passesHere(pace: Pace): RunPass {
  return async (pass, onPiece) => {
    const pieces = piecesOf(pass)
    for (let piece = 0; piece < pieces; piece++) {
      workOnPiece(pass, piece)
      onPiece?.(piece)
      await pace(0)
    }
  }
}
