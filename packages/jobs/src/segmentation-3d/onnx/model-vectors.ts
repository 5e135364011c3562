// Objects, lines and polygons of the classes that a model gave.
import type { GroundSurface, PlanRegion, PointClasses, PointVoxels } from '@alidade/analysis'
import type { JobContext } from '../../job-type.ts'
import type { Cloud } from '../../point-clouds/cloud.ts'
import { ClassPoints } from '../from-classes/class-points.ts'
import { emptyOutputs } from '../from-classes/given-faults.ts'
import { makeVectors } from '../from-classes/make-vectors.ts'
import { askedVectors, vectorClasses } from '../from-classes/vector-classes.ts'
import type { MadeVectors } from '../write-found.ts'
import type { Step } from './plan.ts'
import type { PointModel } from './point-model.ts'

export interface ModelVectorsOptions {
  model: PointModel
  voxels: PointVoxels
  found: PointClasses
  surface: GroundSurface
  region: PlanRegion | undefined
}

/** Of the voxels, each of which is a point with the label that the model is surest of. */
export async function modelVectors(
  cloud: Cloud,
  { outputs, memoryLimitMegabytes, warn, ...context }: JobContext<Step>,
  { model, voxels, found, surface, region }: ModelVectorsOptions,
): Promise<MadeVectors> {
  const asked = askedVectors(Object.keys(outputs))
  if (asked.length === 0) return { objects3D: [], lines3D: [], polygons3D: [] }
  const classes = vectorClasses(
    model.labels.map(({ classification, name, object, contour, line }) => {
      return { code: classification, name, object, contour, line }
    }),
  )
  const points = new ClassPoints(cloud, {
    ...{ classes, outputs: asked, memoryLimitMegabytes, withConfidence: true },
  })
  const codes = model.labels.map(({ classification }) => classification)
  const [x0, y0, z0] = voxels.grid.origin
  for (let voxel = 0; voxel < voxels.count; voxel++) {
    if (voxel % voxelsAtATime === 0) {
      await new Promise((resolve) => setImmediate(resolve))
      context.signal.throwIfAborted()
      points.requireRoom()
    }
    points.add(
      codes[found.labels[voxel]!]!,
      x0 + voxels.offset(voxel, 0),
      y0 + voxels.offset(voxel, 1),
      z0 + voxels.offset(voxel, 2),
      found.confidences[voxel],
    )
  }
  for (const warning of emptyOutputs(classes, asked, { samples: points, input: cloud.input })) warn(warning)
  const { samples, makings, place } = points
  return makeVectors(samples, makings, { ...context, place, surface, region })
}

const voxelsAtATime = 1 << 16
