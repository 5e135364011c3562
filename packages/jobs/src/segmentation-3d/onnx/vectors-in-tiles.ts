// Vectors of a large cloud that a model has labelled: what is near goes out to the tiles of the labels again, once labels are final, and
// is made into vectors tile by tile, as of a given segmentation.
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { MergeContext } from '../../job-type.ts'
import { crsOfClouds } from '../../point-clouds/cloud.ts'
import { PointDeal } from '../../point-clouds/tiles/partition.ts'
import { tilingOf } from '../../point-clouds/tiles/plan-tiles.ts'
import { releaseMemory } from '../../release-memory.ts'
import { filesIn, TilesInTurn } from '../../run-in-parts.ts'
import { haloMetres, makeTile, sureTileAttributes, wholeMakings } from '../from-classes/make-tile.ts'
import { makeVectors } from '../from-classes/make-vectors.ts'
import { joinedVectors, type TileVectors } from '../from-classes/tile-vectors.ts'
import { type CloudTile, cloudTileOf, pointsName, surfaceName } from '../tiles/cloud-in-tiles.ts'
import { type MadeVectors, writeMade } from '../write-found.ts'
import { metresOf } from './cloud-voxels.ts'
import { ModelPoints, whileWriting } from './model-vectors.ts'
import { partsOfVectorTile, secondsOf, type Step, vectorTilesPart } from './plan.ts'
import type { PointModel } from './point-model.ts'
import { type LabelledCloud, writeResults } from './write-labelled.ts'

/** All results, of which there are vectors; what is in memory of them is what one tile takes, and samples of lines and poles. */
export async function writeWithVectors(
  context: MergeContext<Step>,
  model: PointModel,
  labelled: LabelledCloud,
): Promise<void> {
  const { cloud } = labelled
  const crs = crsOfClouds(cloud)
  const folder = join(context.scratch, 'vectors')
  await mkdir(folder)
  const bounds = context.tiles.map(({ tile }) => cloudTileOf(tile))
  const plan = { tiles: tilingOf(bounds), halo: haloMetres / metresOf(crs)[0] }
  const deal = await PointDeal.begin(
    plan,
    (tile) => join(folder, pointsName(tile)),
    sureTileAttributes.length,
  )
  try {
    const points = new ModelPoints(cloud, context, { model, deal })
    await writeResults(context, model, { ...labelled, labels: points.gathering(labelled.labels) })
    await deal.close()
    points.warnOfEmpty(cloud, context)
    const tiles = bounds.map((tile, k) => {
      return {
        ...tile,
        number: k,
        own: deal.own[k]!,
        points: deal.counts[k]!,
        attributes: sureTileAttributes,
      }
    })
    await writeMade(await vectorsOf(points, { context, tiles, folder, region: labelled.region }), {
      ...{ ...context, crs },
    })
  } finally {
    await deal.close()
    await rm(folder, { recursive: true })
  }
}

interface DealtOut extends Pick<LabelledCloud, 'region'> {
  context: MergeContext<Step>
  tiles: readonly CloudTile[]
  /** Where the points of each lie. */
  folder: string
}

async function vectorsOf(
  { points: { samples, makings, place } }: ModelPoints,
  { context, tiles, folder, region }: DealtOut,
): Promise<MadeVectors> {
  const filled = tiles.filter(({ points }) => points > 0)
  const total = filled.reduce((sum, { points }) => sum + points, 0)
  const plans = filled.map(({ points }) => partsOfVectorTile(points))
  const count = new TilesInTurn(
    context.progress.begin('Write_Results', { part: vectorTilesPart, total, unit: 'points' }),
    total,
    plans.map(secondsOf),
  )
  const made: TileVectors[] = []
  for (const [k, facts] of filled.entries()) {
    const name = pointsName(facts.number)
    made.push(
      await makeTile(
        {
          ...context,
          tile: { name, files: [name, surfaceName], inputs: {}, seconds: 0, facts: { ...facts } },
          files: { ...(await filesIn(folder, [name])), [surfaceName]: context.divided[surfaceName]! },
          progress: count.next(plans[k]!),
        },
        { place, makings },
      ),
    )
    await rm(join(folder, name))
    releaseMemory()
  }
  count.end()
  const progress = whileWriting(context.progress)
  const whole = await makeVectors(samples, wholeMakings(makings), {
    ...{ ...context, progress, place, surface: undefined, region },
  })
  const { signal } = context
  const near = await joinedVectors(made, { place, makings, region, progress, signal, withConfidence: true })
  return { ...near, objects3D: [...near.objects3D, ...whole.objects3D], lines3D: whole.lines3D }
}
