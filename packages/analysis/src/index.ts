export { type CloudDistances, type CompareCloudsOptions, compareClouds } from './compare-clouds.ts'
export { nearestDistances } from './nearest-distances.ts'
export { countPoints, type PointArrays, requireFinite, sharePoints } from './point-arrays.ts'
