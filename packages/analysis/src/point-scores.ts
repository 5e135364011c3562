/** Scores of classes and points to the class of each point and how sure it is. */

export type ScoreOptions = {
  /** Points whose scores these are, and how many of them are wanted, from the first on. */
  readonly points: number
  readonly wanted: number
  /** Of the scores, classes in all, and the places of those that can be found. */
  readonly classes: number
  readonly labels: ArrayLike<number>
  /** Whether all scores of a class lie together, or all scores of a point. */
  readonly byClass: boolean
  /** Softmax over all classes makes probabilities of them; otherwise they are some. */
  readonly areLogits: boolean
}

export type PointClasses = {
  /** Places in `labels`. */
  readonly labels: Uint16Array<ArrayBuffer>
  readonly confidences: Float32Array<ArrayBuffer>
}

/** Probabilities may be off by what single precision rounds away. */
const slack = 1e-3

/** The most probable of the labels, the first of equal ones. RangeError for scores that are none, with the place of one. */
export function pointClasses(scores: ArrayLike<number>, options: ScoreOptions): PointClasses {
  const { points, wanted, classes, labels, byClass, areLogits } = options
  if (scores.length !== points * classes)
    throw new RangeError(`expected ${points} x ${classes} scores, got ${scores.length}`)
  const found = { labels: new Uint16Array(wanted), confidences: new Float32Array(wanted) }
  const [pointStride, classStride] = byClass ? [1, points] : [classes, 1]
  for (let i = 0; i < wanted; i++) {
    let highest = -Infinity
    for (let c = 0; c < classes; c++) {
      const score = scores[i * pointStride + c * classStride]!
      // Written so that NaN does not pass.
      if (!(areLogits ? score < Infinity : score >= -slack && score <= 1 + slack))
        throw new RangeError(`point ${i} and class ${c} have the score ${score}`)
      if (score > highest) highest = score
    }
    let [best, bestScore] = [0, -Infinity]
    for (let k = 0; k < labels.length; k++) {
      const score = scores[i * pointStride + labels[k]! * classStride]!
      if (score > bestScore) [best, bestScore] = [k, score]
    }
    found.labels[i] = best
    if (!areLogits) {
      found.confidences[i] = Math.min(1, Math.max(0, bestScore))
      continue
    }
    if (bestScore === -Infinity) throw new RangeError(`point ${i} has no score above -Infinity`)
    let sum = 0
    for (let c = 0; c < classes; c++) sum += Math.exp(scores[i * pointStride + c * classStride]! - highest)
    found.confidences[i] = Math.exp(bestScore - highest) / sum
  }
  return found
}

/**
 * Takes over what was found of some voxels: where one was seen before, the surer of the two counts, and of equally sure ones the
 * first label. So it does not matter in which order blocks come.
 */
export function mergeClasses(into: PointClasses, found: PointClasses, voxels: Int32Array): void {
  for (let i = 0; i < found.labels.length; i++) {
    const voxel = voxels[i]!
    const [label, confidence] = [found.labels[i]!, found.confidences[i]!]
    const known = into.confidences[voxel]!
    if (confidence < known || (confidence === known && label >= into.labels[voxel]!)) continue
    into.labels[voxel] = label
    into.confidences[voxel] = confidence
  }
}

/** For so many voxels: nothing is known of any yet. */
export function unknownClasses(voxels: number): PointClasses {
  return { labels: new Uint16Array(voxels).fill(0xffff), confidences: new Float32Array(voxels).fill(-1) }
}
