/** Passes over rasters in pieces that threads can share: what a piece writes depends on nothing that other pieces write. */
import { type ContinuationPass, findContinuations } from './ground-continuation.ts'
import { blocksOf, type OpeningPass, openBlock } from './ground-openings.ts'
import { type TolerancePass, writeTolerance } from './ground-tolerance.ts'
import type { Pace } from './pace.ts'
import { bandsOf } from './raster-bands.ts'
import { fillNearestBand, type NearestPass, nearestBands } from './raster-nearest.ts'
import { type SmoothPass, smoothBand, smoothBands } from './raster-smooth.ts'

/** Plain data, its arrays in shared memory where threads work on it. */
export type RasterPass = OpeningPass | NearestPass | ContinuationPass | SmoothPass | TolerancePass

/** Runs all pieces of a pass, in any order, and tells of each when it is done. */
export type RunPass = (pass: RasterPass, onPiece?: (piece: number) => void) => Promise<void>

export function piecesOf(pass: RasterPass): number {
  switch (pass.kind) {
    case 'outliers':
    case 'objects':
    case 'lowest':
      return blocksOf(pass).length
    case 'nearest':
      return nearestBands(pass).length
    case 'smooth':
      return smoothBands(pass).length
    default:
      return bandsOf(pass.plan).length
  }
}

export function workOnPiece(pass: RasterPass, piece: number): void {
  switch (pass.kind) {
    case 'outliers':
    case 'objects':
    case 'lowest':
      return openBlock(pass, blocksOf(pass)[piece]!)
    case 'nearest':
      return fillNearestBand(pass, ...nearestBands(pass)[piece]!)
    case 'smooth':
      return smoothBand(pass, ...smoothBands(pass)[piece]!)
    case 'continuation':
      return findContinuations(pass, ...bandsOf(pass.plan)[piece]!)
    case 'tolerance':
      return writeTolerance(pass, ...bandsOf(pass.plan)[piece]!)
  }
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
