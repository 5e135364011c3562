/** Made surveys whose ground is known: terrain by formulas, things that stand on it, and a scanner that meets either. */
import { normalNumbers, randomNumbers } from './survey-points.ts'
import type { GroundSample } from './ground-samples.ts'

type Height = (x: number, y: number) => number
/** What a pulse meets instead of the terrain at a place, or undefined. */
type Thing = (x: number, y: number, ground: number) => number | undefined
type Terrain = { readonly ground: Height; readonly things: readonly Thing[]; readonly hidden?: Hidden }
/** Where nothing comes back from, like water. */
type Hidden = (x: number, y: number) => boolean
/** A circle around a building. */
type Site = { x: number; y: number; readonly reach: number }
type Random = () => number

const edge = 240

/** The places that can be made; each looks different for each seed. */
export const terrains: Record<string, (random: Random) => Terrain> = {
  /** Houses, halls of up to 120 m, walls and cars on nearly level ground. */
  town: (random) => {
    const ground = rolling(random, 3, 120)
    const taken: Site[] = []
    const halls = Array.from({ length: 2 }, () => building(random, ground, [50, 110], [5, 14], taken))
    const houses = Array.from({ length: 16 }, () => building(random, ground, [8, 30], [3, 15], taken))
    const cars = Array.from({ length: 60 }, () => building(random, ground, [1.8, 4.5], [1.4, 2.5]))
    return { ground, things: [...halls, ...houses, ...cars, ...trees(random, 40, [4, 15], 0.8)] }
  },
  /** Houses on a slope of 15 to 30 degrees, on terraces of their own. */
  slopedTown: (random) => {
    const taken: Site[] = []
    const slope = between(random, 0.27, 0.58)
    const wavy = rolling(random, 6, 80)
    const ground: Height = (x, y) => slope * y + wavy(x, y)
    const houses = Array.from({ length: 20 }, () => building(random, ground, [8, 20], [3, 9], taken))
    return { ground, things: [...houses, ...trees(random, 120, [3, 12], 0.7)] }
  },
  /** Forest on slopes of up to 45 degrees. */
  forest: (random) => {
    const ground = rolling(random, between(random, 12, 30), 110)
    return { ground, things: [...trees(random, 700, [6, 25], 0.75), undergrowth(random, 0.25, 1.5)] }
  },
  /** Benches 8 to 30 m wide between faces of 4 to 14 m, and heaps. */
  quarry: (random) => {
    const wavy = rolling(random, 14, 90)
    const rise = between(random, 4, 14)
    const bench = between(random, 8, 30)
    const steepness = between(random, 1.2, 4)
    const heaps = Array.from(
      { length: 5 },
      () => [random() * edge, random() * edge, between(random, 5, 14)] as const,
    )
    const ground: Height = (x, y) => {
      const along = Math.hypot(x - 60, y - 80) + 2 * wavy(x, y)
      const step = Math.floor(along / bench)
      const into = along - step * bench
      let height = step * rise + Math.min(rise, into * steepness)
      for (const [cx, cy, r] of heaps) height += Math.max(0, 0.7 * (r - Math.hypot(x - cx, y - cy)))
      return height
    }
    return { ground, things: trees(random, 20, [3, 8], 0.6) }
  },
  /** Dykes with narrow crowns, ditches, and a road on an embankment with a bridge over the water between. */
  dyke: (random) => {
    const wavy = rolling(random, 1, 100)
    const [high, at, turn] = [between(random, 3, 8), between(random, 60, 100), between(random, -0.3, 0.3)]
    const roadHeight = between(random, 5, 8)
    const across = (x: number, y: number) => x - at - turn * y
    const ground: Height = (x, y) => {
      const dyke = Math.max(0, Math.min(high, (high * 2 + 1.5 - Math.abs(across(x, y))) / 2))
      const ditch = -Math.max(0, Math.min(2, 3 - Math.abs(x - 200)))
      const open = Math.abs(x - 150) < 14
      const road = open
        ? 0
        : Math.max(0, Math.min(roadHeight, (roadHeight * 1.5 + 6 - Math.abs(y - 120)) / 1.5))
      return wavy(x, y) + Math.max(dyke, road) + (road > 0 ? 0 : ditch) - (open ? 2 : 0)
    }
    const deck = wavy(150, 120) + roadHeight
    const bridge: Thing = (x, y) => (Math.abs(x - 150) < 14.5 && Math.abs(y - 120) < 6 ? deck : undefined)
    const hidden: Hidden = (x, y) => Math.abs(x - 150) < 9 && Math.abs(y - 120) >= 6
    return { ground, hidden, things: [bridge, ...trees(random, 40, [3, 10], 0.7)] }
  },
  /** Bare mountains: ridges and valleys, cliffs, boulders. */
  mountain: (random) => {
    const wavy = rolling(random, 40, 140)
    const cliffAt = between(random, 80, 160)
    const ground: Height = (x, y) => {
      const h = wavy(x, y)
      return h + Math.max(0, Math.min(18, 4 * (x + 20 * Math.sin(y / 30) - cliffAt)))
    }
    return { ground, things: trees(random, 60, [4, 12], 0.7) }
  },
  /** Fields with hedges, low crops and a few barns. */
  fields: (random) => {
    const ground = rolling(random, 8, 150)
    const hedges: Thing[] = Array.from({ length: 4 }, () => {
      const [a, c] = [random() * Math.PI, random() * edge]
      const [nx, ny] = [Math.cos(a), Math.sin(a)]
      return (x, y, z) =>
        Math.abs(nx * (x - 120) + ny * (y - 120) + c - 120) < 1.2 && random() < 0.8
          ? z + 0.8 + 1.2 * random()
          : undefined
    })
    const barns = Array.from({ length: 3 }, () => building(random, ground, [15, 50], [4, 8]))
    return { ground, things: [...hedges, ...barns, undergrowth(random, 0.1, 0.9)] }
  },
}

export type MadeTerrain = {
  readonly terrain: string
  readonly seed: number
  /** Points a square metre. */
  readonly density: number
  /** Share of points that are gross errors, low and high. */
  readonly outliers?: number
}

/** 240 m x 240 m of a place, heights with 5 cm of noise; every point is of the terrain or not. */
export function madeTerrain({ terrain, seed, density, outliers = 0.0003 }: MadeTerrain): GroundSample {
  const random = randomNumbers(seed)
  const normal = normalNumbers(random)
  const { ground, things, hidden } = terrains[terrain]!(random)
  const wanted = Math.round(edge * edge * density)
  const [x, y, z] = [new Float64Array(wanted), new Float64Array(wanted), new Float64Array(wanted)]
  const isGround = new Uint8Array(wanted)
  let count = 0
  while (count < wanted) {
    const [px, py] = [random() * edge, random() * edge]
    if (hidden?.(px, py)) continue
    const bare = ground(px, py)
    let top: number | undefined
    for (const thing of things) {
      const met = thing(px, py, bare)
      if (met !== undefined && (top === undefined || met > top)) top = met
    }
    let height = top === undefined || top < bare ? bare : top
    let ofGround = height === bare
    if (random() < outliers) {
      height += (random() < 0.6 ? -1 : 1) * between(random, 8, 150)
      ofGround = false
    }
    x[count] = px
    y[count] = py
    z[count] = height + 0.05 * normal()
    isGround[count] = ofGround ? 1 : 0
    count++
  }
  return { points: { x, y, z }, isGround }
}

function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random()
}

/** Smooth hills of about that height and length; three octaves of waves in random directions. */
function rolling(random: Random, height: number, length: number): Height {
  const waves = Array.from({ length: 12 }, (_, i) => {
    const octave = 2 ** (i % 3)
    const angle = random() * 2 * Math.PI
    const k = ((2 * Math.PI * octave) / length) * between(random, 0.7, 1.3)
    return {
      kx: k * Math.cos(angle),
      ky: k * Math.sin(angle),
      at: random() * 7,
      size: height / 7 / octave ** 1.3,
    }
  })
  return (x, y) => waves.reduce((sum, { kx, ky, at, size }) => sum + size * Math.sin(kx * x + ky * y + at), 0)
}

/** A box with a level or a gabled roof somewhere, its eaves at one height. */
function building(
  random: Random,
  ground: Height,
  size: readonly [number, number],
  high: readonly [number, number],
  taken: Site[] = [],
): Thing {
  const [halfLength, halfWidth] = [between(random, ...size) / 2, (between(random, ...size) / 2) * 0.8]
  const reach = Math.hypot(halfLength, halfWidth)
  const site = { x: random() * edge, y: random() * edge, reach }
  const meets = (other: Site) => Math.hypot(other.x - site.x, other.y - site.y) < other.reach + reach
  for (let tries = 0; tries < 50 && taken.some(meets); tries++) {
    site.x = random() * edge
    site.y = random() * edge
  }
  taken.push(site)
  const { x: cx, y: cy } = site
  const angle = random() * Math.PI
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  const eaves = ground(cx, cy) + between(random, ...high)
  const gable = random() < 0.5 && halfWidth < 10 ? 0.6 : 0
  return (x, y) => {
    const along = cos * (x - cx) + sin * (y - cy)
    const across = -sin * (x - cx) + cos * (y - cy)
    if (Math.abs(along) > halfLength || Math.abs(across) > halfWidth) return undefined
    return eaves + gable * (halfWidth - Math.abs(across))
  }
}

/** Crowns that stop a pulse with some probability, anywhere within their upper two thirds. */
function trees(random: Random, count: number, high: readonly [number, number], stops: number): Thing[] {
  return Array.from({ length: count }, () => {
    const [cx, cy, h] = [random() * edge, random() * edge, between(random, ...high)]
    const radius = 1 + h / 6
    return (x: number, y: number, ground: number) => {
      const away = (x - cx) ** 2 + (y - cy) ** 2
      if (away > radius * radius || random() > stops) return undefined
      return ground + h * (1 - 0.66 * random() * random()) * (1 - (0.3 * away) / (radius * radius))
    }
  })
}

function undergrowth(random: Random, stops: number, high: number): Thing {
  return (_x, _y, ground) => (random() < stops ? ground + 0.3 + high * random() : undefined)
}
