export { absenceOf, absenceRule } from './absence.ts'
export { CellIndex } from './cell-index.ts'
export { DisjointSets } from './disjoint-sets.ts'
export {
  type ChangeClusters,
  type ClusterOptions,
  clusterChanges,
  groupingPasses,
} from './cluster-changes.ts'
export { type M3c2Distances, type M3c2Options, m3c2Distances } from './m3c2.ts'
export { meshRoughness } from './mesh-roughness.ts'
export { offsetEvidence, raiseByOffsets } from './change-evidence.ts'
export { withColourChanges } from './colour-changes.ts'
export { type ColouredPoints, colourDifferences, sixteenBitStep } from './colour-differences.ts'
export { classifyGround, groundClass, restClass } from './classify-ground.ts'
export {
  type CloudDistances,
  compareClouds,
  type CompareCloudsOptions,
  type WholeSurveys,
} from './compare-clouds.ts'
export { type Change, type DescribeOptions, describeChanges, describingPasses } from './describe-changes.ts'
export { type GroundOptions, groundOptions } from './ground-options.ts'
export { passesByThreads } from './raster-threads.ts'
export { GroundRaster, type GroundRasterExtent, type PlanRaster } from './ground-raster.ts'
export {
  type GroundSurface,
  type GroundSurfaceOptions,
  groundHalo,
  groundPasses,
  groundSurface,
  groundSurfaceWork,
} from './ground-surface.ts'
export { type Kept, keptUnder } from './kept.ts'
export { keepSurfaces, takeSurfaces } from './kept-surfaces.ts'
export { nearestDistances, nearestDistancesOfNodes } from './nearest-distances.ts'
export {
  type BlockOptions,
  blockPasses,
  type PointBlocks,
  pieceOfBlock,
  pointBlocks,
} from './point-blocks.ts'
export { blockHeights, type FeatureColumn, type FeatureOptions, pointFeatures } from './point-features.ts'
export { voxelNormals } from './point-normals.ts'
export {
  mergeClasses,
  type PointClasses,
  pointClasses,
  type ScoreOptions,
  unknownClasses,
} from './point-scores.ts'
export { PointVoxels, type VoxelGrid } from './point-voxels.ts'
export { convexHull } from './convex-hull.ts'
export { type OrientedBox, orientedBox } from './oriented-box.ts'
export { bulkStride, countPoints, type PointArrays, requireFinite, sharePoints } from './point-arrays.ts'
export { type PlanRegion, planRegion } from './plan-region.ts'
export {
  pointSpacing,
  spacingNeighbour,
  spacingOf,
  spacingStride,
  suggestedLinkDistance,
} from './point-spacing.ts'
export type { Place } from './cell-order.ts'
export { cellHash, sampledEvery } from './cell-sample.ts'
export { changeSurroundings } from './change-surroundings.ts'
export { type CloudFrame, frameOfSamples, inSteps } from './cloud-frame.ts'
export { densityRatios } from './density-ratios.ts'
export { NeighbourSearch } from './nearest-neighbours.ts'
export { type Pace, paceByShare, paceSteps } from './pace.ts'
export { buildPointTree, type PointTree } from './point-tree.ts'
export {
  type Registration,
  type RegistrationRefusal,
  registerSurveys,
  registrationStride,
  registrationWork,
} from './register-surveys.ts'
export { valueInOrder } from './median.ts'
export { median, RegistrationSpread, sampledDeviations } from './registration-spread.ts'
export {
  movedPlace,
  movePoints,
  type RigidMotion,
  rotationBy,
  rotationVector,
  type Vector,
} from './rigid-motion.ts'
export type { RegistrationModel } from './solve-motion.ts'
export {
  deviationsOf,
  type MeasuredSurfaces,
  measureSurfaces,
  type PointsOfCells,
  roughnessOf,
  sampledScatters,
  type SurfaceOffsets,
  surfaceOffsets,
} from './surface-offsets.ts'
export { type SurveyShift, surveyShift, surveyShiftStride, surveyShiftWork } from './survey-shift.ts'
export { surveysApart } from './surveys-apart.ts'
export { type MeshSamples, type MeshSampling, meshResolution, sampleMesh } from './sample-mesh.ts'
export { type BuildingOutline, buildingOutlines, eachOutline } from './building-outlines.ts'
export {
  areaCell,
  areaPasses,
  type ClassAreas,
  classAreas,
  type ClassAreasOptions,
  closedArea,
} from './class-areas.ts'
export { ClassSamples, gatheredBytesPerSample, type SamplesOfClass } from './class-samples.ts'
export { ClassSpacings } from './class-spacings.ts'
export { type GivenLine, givenLines, type GivenLinesOptions } from './given-lines.ts'
export { chainsOf } from './line-graph.ts'
export { linkedSamples } from './linked-samples.ts'
export { heightsAboveGround } from './ground-height.ts'
export { SeenGround, type SeenGroundFacts } from './seen-ground.ts'
export { footprintCell, type Footprints, footprintWork } from './building-footprints.ts'
export { segmentClass } from './segment-classes.ts'
export { type SegmentOptions, segmentOptions } from './segment-options.ts'
export {
  lowestStanding,
  type Segmentation,
  segmentPoints,
  type SegmentPointsOptions,
  type SegmentedWhole,
  type SegmentStage,
} from './segment-points.ts'
export { type BuildingCells, cellsOfBuildings, JoinedBuildings, joinSteps } from './joined-buildings.ts'
export { planSpacing } from './plan-spacing.ts'
export { noSample } from './segment-samples.ts'
export { type Pole, poleSteps } from './segment-poles.ts'
export { alongLine, type Wire } from './segment-wires.ts'
export { crownOptions, pacedTreeCrowns } from './tree-crowns.ts'
export { type WireLine, wireLine } from './wire-lines.ts'
export { SurfaceCells } from './surface-cells.ts'
