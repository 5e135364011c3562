// Vectors of a cloud from what its tiles have found: buildings and wires that reach into several of them are whole again.
import {
  alongLine,
  buildingOutlines,
  DisjointSets,
  joinSteps,
  type Pace,
  type PlanRegion,
  type PointArrays,
  segmentClass,
  type Segmentation,
} from '@alidade/analysis'
import {
  asObject,
  asPolygon,
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

  /** What `of` tells its pace in all. */
  static joinWork(tiles: readonly FoundInTile[]): number {
    return joinSteps * sum(tiles.map(({ cells }) => cells.columns.length))
  }

  static async of(tiles: readonly FoundInTile[], cellSize: number, pace: Pace): Promise<FoundOfTiles> {
    return new FoundOfTiles(tiles, await JoinedAreas.of(tiles, cellSize, pace))
  }

  private constructor(tiles: readonly FoundInTile[], buildings: JoinedAreas) {
    this.#tiles = tiles
    this.#buildings = buildings
  }

  get objectsWork(): number {
    return this.#buildings.pieces.length + sum(this.#tiles.map(({ upright }) => upright.length))
  }

  /** `pace` is told of each building and each upright thing. */
  async objects(region: PlanRegion | undefined, pace: Pace): Promise<FoundObject[]> {
    const buildings: FoundObject[] = []
    for (const [k, pieces] of this.#buildings.pieces.entries()) {
      if (k % boxesAtATime === boxesAtATime - 1) await pace(boxesAtATime)
      if (samplesOf(pieces) < fewestSamples) continue
      const confidence = meanConfidence(pieces)!
      buildings.push(asObject(segmentClass.building, confidence, boxAround(pieces)))
    }
    const upright = (label: number) =>
      this.#tiles.flatMap((tile) => tile.upright.filter(({ labelId }) => labelId === label))
    const all = [...buildings, ...upright(segmentClass.highVegetation), ...upright(segmentClass.pole)]
    return all.filter((one) => isWithin(one, region))
  }

  get polygonsWork(): number {
    return this.#buildings.cells + sum(this.#tiles.map(({ roof }) => roof.x.length))
  }

  /** `pace` is told of each cell of a building, and of each sample on a roof. */
  async polygons(region: PlanRegion | undefined, pace: Pace): Promise<FoundPolygon[]> {
    const polygons: FoundPolygon[] = []
    let number = 0
    for await (const footprints of this.#buildings.footprints(pace)) {
      const confidence = meanConfidence(this.#buildings.pieces[++number]!) ?? unknownConfidence
      for (const outline of buildingOutlines(footprints))
        polygons.push(...asPolygon(outline, confidence, region))
    }
    return polygons
  }

  /** Each wire of a tile, when it is joined and when it is made a line. */
  get linesWork(): number {
    return 2 * sum(this.#tiles.map(({ wires }) => wires.starts.length - 1))
  }

  /** For `findLines`; `pace` is told of each wire of a tile. */
  wires(pace: Pace): Promise<Pick<Segmentation, 'samples' | 'sampleConfidence' | 'wires'>> {
    return joinedWires(
      this.#tiles.map(({ wires }) => wires),
      pace,
    )
  }
}

const boxesAtATime = 256

/** So many samples in common make wires of two tiles one: where wires cross there may be one or two. */
const fewestShared = 3

/** Tiles have the same samples where they know the same points: a wire that several have seen shares those around their edges. */
async function joinedWires(tiles: readonly FoundInTile['wires'][], pace: Pace) {
  const samples = { x: [] as number[], y: [] as number[], z: [] as number[] }
  const confidence: number[] = []
  const known = new Map<string, { sample: number; wires: number[] }>()
  const ofWire: number[][] = []
  for (const tile of tiles) {
    for (let k = 0; k + 1 < tile.starts.length; k++) {
      await pace(1)
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

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
