/** The class of each sample, with what tells how sure that is. */
import type { Footprints } from './building-footprints.ts'
import { offBuilding } from './building-roofs.ts'
import type { Pace } from './pace.ts'
import { cellWithin } from './plan-cells.ts'
import type { PointArrays } from './point-arrays.ts'
import { segmentClass } from './segment-classes.ts'
import type { SegmentOptions } from './segment-options.ts'
import { findPoles, type Pole } from './segment-poles.ts'
import type { Shapes } from './segment-shapes.ts'
import { findWires, type Wire } from './segment-wires.ts'

export type SampleClasses = {
  readonly classes: Uint8Array
  /** 0 to 1. */
  readonly confidence: Float32Array
  readonly wires: readonly Wire[]
  readonly poles: readonly Pole[]
}

/** A crown is deeper than this share of its breadth; a surface is not. */
const crownDepth = 0.3
/** Fewer neighbours within reach make no plant. */
const fewestOfPlant = 5

/** Gives each of the two its pace, which counts the samples. */
export type ClassesCounting = {
  readonly wires: (work: (pace: Pace) => Promise<Wire[]>) => Promise<Wire[]>
  readonly poles: (work: (pace: Pace) => Promise<Pole[]>) => Promise<Pole[]>
}

export async function classesOfSamples(
  samples: PointArrays,
  height: Float32Array,
  kind: Uint8Array,
  footprints: Footprints,
  shapes: Shapes,
  options: SegmentOptions,
  { wires: countingWires, poles: countingPoles }: ClassesCounting,
): Promise<SampleClasses> {
  const classes = new Uint8Array(height.length)
  const confidence = new Float32Array(height.length)
  for (let i = 0; i < height.length; i++) {
    const belongs = sureOfBuilding(i, samples, kind, footprints, shapes, options)
    if (belongs === 0) continue
    classes[i] = segmentClass.building
    confidence[i] = belongs
  }
  const isFree = () => classes.map((code) => (code === 0 ? 1 : 0))
  const wires = await countingWires((pace) => findWires(samples, height, isFree(), shapes, options, pace))
  for (const { samples: of } of wires) mark(of, segmentClass.wire, 0.8)
  const poles = await countingPoles((pace) => findPoles(samples, height, isFree(), shapes, options, pace))
  for (const { samples: of } of poles) mark(of, segmentClass.pole, 0.7)
  function mark(of: Uint32Array, code: number, sure: number): void {
    for (const i of of) {
      if (classes[i] !== 0) continue
      classes[i] = code
      confidence[i] = sure
    }
  }
  for (let i = 0; i < height.length; i++) if (classes[i] === 0) classifyRest(i)
  function classifyRest(i: number): void {
    const depth = scatterOf(i, shapes)
    const isPlant = shapes.near[i * shapes.neighbours + fewestOfPlant - 1]! >= 0
    if (isPlant && height[i]! >= options.highVegetation) {
      classes[i] = segmentClass.highVegetation
      confidence[i] = Math.min(1, 0.5 + depth / (2 * crownDepth))
    } else if (isPlant && height[i]! >= options.mediumVegetation && depth >= crownDepth) {
      classes[i] = segmentClass.mediumVegetation
      confidence[i] = Math.min(1, depth / (2 * crownDepth))
    } else {
      classes[i] = segmentClass.rest
      confidence[i] = 0.5
    }
  }
  return { classes, confidence, wires, poles }
}

/** How deep the surroundings are against their breadth. */
function scatterOf(i: number, { thickness, breadth }: Shapes): number {
  return breadth[i]! > 0 ? thickness[i]! / breadth[i]! : 0
}

/** 0 for none of a building. */
function sureOfBuilding(
  i: number,
  samples: PointArrays,
  kind: Uint8Array,
  { plan, building, roofTop }: Footprints,
  { thickness, normal }: Shapes,
  options: SegmentOptions,
): number {
  const cell = cellWithin(plan, samples.x[i]!, samples.y[i]!)
  if (cell === undefined) return 0
  const above = samples.z[i]! - roofTop[cell]!
  if (kind[i] !== offBuilding && (building[cell]! > 0 || above <= 2 * options.roofRoughness)) {
    return 1 - 0.4 * Math.min(1, thickness[i]! / options.surfaceRoughness)
  }
  if (building[cell]! > 0) return above <= options.roofStructure ? 0.6 : 0
  const isWall = thickness[i]! <= options.roofRoughness && normal[3 * i + 2]! < options.roofUpward
  return isWall && above <= 2 * options.roofRoughness ? 0.6 : 0
}
