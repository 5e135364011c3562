// Vectors of a cloud from what its tiles have found: buildings and wires that reach into several of them are whole again.
import {
  alongLine,
  buildingOutlines,
  DisjointSets,
  type PlanRegion,
  type PointArrays,
  segmentClass,
  type Segmentation,
} from '@alidade/analysis'
import {
  asObject,
  asPolygon,
  rounded,
  unknownConfidence,
  fewestSamples,
  type FoundObject,
  type FoundPolygon,
  isWithin,
} from '../found-vectors.ts'
import type { FoundInTile } from './found-in-tile.ts'
import { boxAround, JoinedAreas, meanConfidence, samplesOf } from './joined-areas.ts'

/** `cellSize`: that of buildings, the same in all tiles. */
export class FoundOfTiles {
  readonly #tiles: readonly FoundInTile[]
  readonly #buildings: JoinedAreas

  constructor(tiles: readonly FoundInTile[], cellSize: number) {
    this.#tiles = tiles
    this.#buildings = new JoinedAreas(tiles, cellSize)
  }

  objects(region: PlanRegion | undefined): FoundObject[] {
    const buildings = this.#buildings.pieces.flatMap((pieces) => {
      if (samplesOf(pieces) < fewestSamples) return []
      return [asObject(segmentClass.building, rounded(meanConfidence(pieces)!), boxAround(pieces))]
    })
    const upright = (label: number) =>
      this.#tiles.flatMap((tile) => tile.upright.filter(({ labelId }) => labelId === label))
    const all = [...buildings, ...upright(segmentClass.highVegetation), ...upright(segmentClass.pole)]
    return all.filter((one) => isWithin(one, region))
  }

  polygons(region: PlanRegion | undefined): FoundPolygon[] {
    const polygons: FoundPolygon[] = []
    let number = 0
    for (const footprints of this.#buildings.footprints()) {
      const confidence = meanConfidence(this.#buildings.pieces[++number]!) ?? unknownConfidence
      for (const outline of buildingOutlines(footprints))
        polygons.push(...asPolygon(outline, confidence, region))
    }
    return polygons
  }

  /** For `findLines`. */
  wires(): Pick<Segmentation, 'samples' | 'sampleConfidence' | 'wires'> {
    return joinedWires(this.#tiles.map(({ wires }) => wires))
  }
}

/** So many samples in common make wires of two tiles one: where wires cross there may be one or two. */
const fewestShared = 3

/** Tiles have the same samples where they know the same points: a wire that several have seen shares those around their edges. */
function joinedWires(tiles: readonly FoundInTile['wires'][]) {
  const samples = { x: [] as number[], y: [] as number[], z: [] as number[] }
  const confidence: number[] = []
  const known = new Map<string, { sample: number; wires: number[] }>()
  const ofWire: number[][] = []
  for (const tile of tiles) {
    for (let k = 0; k + 1 < tile.starts.length; k++) {
      const own: number[] = []
      for (let i = tile.starts[k]!; i < tile.starts[k + 1]!; i++) {
        const [x, y, z] = [tile.x[i]!, tile.y[i]!, tile.z[i]!]
        const key = `${x} ${y} ${z}`
        let at = known.get(key)
        if (at === undefined) {
          at = { sample: samples.x.push(x) - 1, wires: [] }
          samples.y.push(y)
          samples.z.push(z)
          confidence.push(tile.confidence[i]!)
          known.set(key, at)
        }
        at.wires.push(ofWire.length)
        own.push(at.sample)
      }
      ofWire.push(own)
    }
  }
  const points: PointArrays = {
    x: Float64Array.from(samples.x),
    y: Float64Array.from(samples.y),
    z: Float64Array.from(samples.z),
  }
  const sets = new DisjointSets(ofWire.length)
  const shared = new Map<number, number>()
  for (const { wires } of known.values()) {
    for (let k = 1; k < wires.length; k++) {
      const pair = wires[0]! * ofWire.length + wires[k]!
      shared.set(pair, (shared.get(pair) ?? 0) + 1)
      if (shared.get(pair) === fewestShared) sets.join(wires[0]!, wires[k]!)
    }
  }
  const members = new Map<number, Set<number>>()
  for (const [wire, own] of ofWire.entries()) {
    const whole = sets.find(wire)
    const list = members.get(whole) ?? new Set()
    for (const sample of own) list.add(sample)
    members.set(whole, list)
  }
  const wires = Array.from(members.values(), (list) => ({
    samples: alongLine(points, Uint32Array.from(list)),
  }))
  return { samples: points, sampleConfidence: Float32Array.from(confidence), wires }
}
