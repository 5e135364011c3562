/** Samples of cells that do not depend on which other cells there are, nor on their order. */

/** A number of 32 bits that cells have by their steps alone, with nothing of the place in it. */
export function cellHash(i: number, j: number, k: number): number {
  // Large odd factors (Teschner et al. 2003, "Optimized spatial hashing"), then a finaliser (MurmurHash3, Appleby).
  let hash = Math.imul(i, 73856093) ^ Math.imul(j, 19349663) ^ Math.imul(k, 83492791)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** So many cells or more make a sample, where there are as many. */
const fewestSampled = 4096

/** Of so many cells, those are in the sample whose hash is a multiple of this: a power of two, so that samples nest. */
export function sampledEvery(cellCount: number): number {
  return 2 ** Math.max(0, Math.floor(Math.log2(cellCount / fewestSampled)))
}
