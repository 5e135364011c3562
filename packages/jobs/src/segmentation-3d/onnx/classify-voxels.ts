// The class of every voxel: blocks of the cloud, in pieces, through the model.
import {
  blockHeights,
  blockPasses,
  type FeatureColumn,
  type GroundSurface,
  mergeClasses,
  type Pace,
  type PointBlocks,
  type PointClasses,
  type PointVoxels,
  pieceOfBlock,
  pointBlocks,
  pointFeatures,
  unknownClasses,
  voxelNormals,
} from '@alidade/analysis'
import type { JobContext, Progress } from '../../job-type.ts'
import { type CloudVoxels, isAttribute } from './cloud-voxels.ts'
import type { InferenceTask } from './inference-task.ts'
import { crewFor, type PointModel, sizesOf, trialPoints } from './point-model.ts'

export interface ClassifyVoxelsOptions extends Pick<JobContext, 'signal' | 'threads'> {
  model: PointModel
  surface: GroundSurface
  metres: readonly [number, number, number]
  progress: Progress<'Classify_Points'>
  /** Whether blocks whose square has its middle here are this run's; default: all are. */
  isWanted?: ((x: number, y: number) => boolean) | undefined
}

/** Labels are places in those of the model. JobError `Detector_Failed` for a model that cannot be run, or finds nothing. */
export async function classifyVoxels(
  cloud: CloudVoxels,
  { model, surface, metres, progress, isWanted, signal, threads }: ClassifyVoxelsOptions,
): Promise<PointClasses> {
  const { voxels } = cloud
  const pace: Pace = async () => {
    await new Promise((resolve) => setImmediate(resolve))
    signal.throwIfAborted()
  }
  const wantsNormals = model.features.some((name) => name.startsWith('normal'))
  const total = wantsNormals ? voxels.count : 0
  const describing = progress.begin('Classify_Points', { part: 'normals', total, unit: 'voxels' })
  const normals = wantsNormals
    ? await voxelNormals(voxels, metres, async (done) => {
        describing.advance(done)
        await pace(done)
      })
    : new Float32Array(0)
  const columns = columnsOf(model, cloud, normals)
  const { origin } = voxels.grid
  const cutting = progress.begin('Classify_Points', {
    ...{ part: 'blocks', total: blockPasses * voxels.count, unit: 'voxels' },
  })
  const inUnits = (length: number): [number, number] => [length / metres[0], length / metres[1]]
  const blocks = await pointBlocks(
    voxels,
    {
      ...{ size: inUnits(model.blockSizeMetres), overlap: inUnits(model.overlapMetres) },
      ...(isWanted && { isWanted: (x, y) => isWanted(origin[0] + x, origin[1] + y) }),
    },
    async (done) => {
      cutting.advance(done)
      await pace(done)
    },
  )
  const pieces = piecesOf(voxels, blocks, model)
  const show = (piece: Piece, most = Infinity): InferenceTask => {
    const taken = piece.voxels.subarray(0, most)
    const values = pointFeatures(voxels, taken, {
      ...{ columns, metres, surface },
      ...{ middle: piece.middle, meanHeight: piece.meanHeight, lowestHeight: piece.lowestHeight },
      byFeature: model.arrangement === 'batch-features-points',
    })
    return { sizes: sizesOf(model, taken.length), values, points: taken.length, wanted: piece.own }
  }
  const found = unknownClasses(voxels.count)
  const isEmpty = blocks.starts.length < 2
  const starting = progress.begin('Classify_Points', {
    ...{ part: 'engines', total: isEmpty ? 0 : threads, unit: 'threads' },
  })
  const beginClassifying = () =>
    progress.begin('Classify_Points', {
      ...{ part: 'voxels', total: shownIn(blocks, model), unit: 'voxels' },
    })
  if (isEmpty) {
    beginClassifying()
    return found
  }
  const crew = crewFor(model, { threads, signal })
  try {
    const first = piecesOf(voxels, blocks, model).next().value!
    const trial = show(first, model.isFixed ? Infinity : trialPoints)
    await crew.ready({ ...trial, wanted: 0 }, () => starting.advance(1))
    const classifying = beginClassifying()
    await crew.run(
      () => {
        const piece = pieces.next().value
        return piece && { task: show(piece), key: piece }
      },
      (classes, piece) => {
        mergeClasses(found, classes, piece.voxels)
        classifying.advance(piece.voxels.length)
      },
      piecesEach(blocks, model),
    )
  } finally {
    await crew.dismiss()
  }
  return found
}

/** A part of a block. */
interface Piece {
  voxels: Int32Array
  /** Of them, from the first on, those whose classes are wanted. */
  own: number
  middle: [number, number]
  meanHeight: number
  lowestHeight: number
}

/** So many points are milliseconds of a quick model: as long as it may take until a thread that shows others gets a core. */
const pointsBeside = 1 << 14
const mostPiecesEach = 16

/** That a thread has at a time: a large one, or some small ones. */
function piecesEach({ starts, voxels }: PointBlocks, { points, isFixed }: PointModel): number {
  const inPiece = isFixed ? points : Math.min(points, voxels.length / (starts.length - 1))
  return Math.min(mostPiecesEach, 1 + Math.floor(pointsBeside / inPiece))
}

/** Voxels of all pieces, with those that fill them up. */
function shownIn({ starts, voxels }: PointBlocks, { points, isFixed }: PointModel): number {
  if (!isFixed) return voxels.length
  let pieces = 0
  for (let block = 0; block + 1 < starts.length; block++)
    pieces += Math.ceil((starts[block + 1]! - starts[block]!) / points)
  return pieces * points
}

function* piecesOf(
  voxels: PointVoxels,
  blocks: PointBlocks,
  { points, isFixed }: PointModel,
): Generator<Piece, undefined> {
  for (let block = 0; block + 1 < blocks.starts.length; block++) {
    const inBlock = blocks.voxels.subarray(blocks.starts[block], blocks.starts[block + 1])
    const { mean: meanHeight, lowest: lowestHeight } = blockHeights(voxels, inBlock)
    const middle: Piece['middle'] = [blocks.middles[2 * block]!, blocks.middles[2 * block + 1]!]
    const pieces = Math.ceil(inBlock.length / points)
    for (let piece = 0; piece < pieces; piece++) {
      const taken = pieceOfBlock(inBlock, { piece, pieces, points: isFixed ? points : undefined })
      yield { ...taken, middle, meanHeight, lowestHeight }
    }
  }
  return undefined
}

function columnsOf(model: PointModel, cloud: CloudVoxels, normals: Float32Array): FeatureColumn[] {
  return model.features.map((name) => {
    const { subtract = 0, divide = 1 } = model.normalisation[name] ?? {}
    const of: FeatureColumn['of'] = isAttribute(name)
      ? { values: cloud.attribute(name), stride: 1, from: 0 }
      : name === 'normalX' || name === 'normalY' || name === 'normalZ'
        ? { values: normals, stride: 3, from: axisOf[name] }
        : name
    return { of, subtract, divide }
  })
}

const axisOf = { normalX: 0, normalY: 1, normalZ: 2 } as const
