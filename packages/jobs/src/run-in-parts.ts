// A divided run in one process: its parts one after the other. What it takes of memory is what one of them takes.
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type {
  Division,
  JobContext,
  PlannedPart,
  Progress,
  StepProgress,
  Tile,
  WorkFiles,
} from './job-type.ts'

export interface PartsOptions<Step extends string> {
  /** Tiles are those of jobs of more points than this. */
  fromPoints: number
  /** Where the work on all tiles is counted, in the points of the job. */
  counting: { step: Step; part: string; points: number }
  onTiles?: ((tiles: Tile[]) => void) | undefined
}

export async function runInParts<Step extends string>(
  division: Division<Step>,
  context: JobContext<Step>,
  { fromPoints, counting: { step, part, points }, onTiles }: PartsOptions<Step>,
): Promise<void> {
  const folder = async (name: string) => {
    const path = join(context.scratch, name)
    await mkdir(path)
    return path
  }
  const shared = await folder('divided')
  const { tiles } = await division.divide(context, { path: (name) => join(shared, name) }, fromPoints)
  onTiles?.(tiles)
  const count = new TilesInTurn(
    context.progress.begin(step, { part, total: points, unit: 'points' }),
    points,
    tiles.map(({ seconds }) => seconds),
  )
  const done: { tile: Tile; results: WorkFiles }[] = []
  for (const [number, tile] of tiles.entries()) {
    const results = await folder(`tile-${number}`)
    const inputs: JobContext['inputs'] = {}
    for (const [input, names] of Object.entries(tile.inputs))
      inputs[input] = (context.inputs[input] ?? []).filter(({ name }) => names.includes(name))
    await division.runTile({
      ...{ ...context, inputs, tile, files: await filesIn(shared, tile.files) },
      progress: count.next(division.planTile(tile, context)),
      results: { path: (name) => join(results, name) },
    })
    done.push({ tile, results: await filesIn(results) })
  }
  count.end()
  await division.merge({ ...context, divided: await filesIn(shared), tiles: done })
  await rm(shared, { recursive: true })
  for (const number of tiles.keys()) await rm(join(context.scratch, `tile-${number}`), { recursive: true })
}

/** Counts tiles that are worked on one after the other, each as so much of `total` as its seconds are of those of all. */
export class TilesInTurn {
  readonly #counting: StepProgress
  readonly #total: number
  /** Where in the total each tile begins, and where all end. */
  readonly #starts: number[] = [0]
  #begun = 0
  #counted = 0

  constructor(counting: StepProgress, total: number, seconds: readonly number[]) {
    this.#counting = counting
    this.#total = total
    const all = seconds.reduce((sum, one) => sum + one, 0)
    for (const one of seconds)
      this.#starts.push(this.#starts.at(-1)! + total * (all > 0 ? one / all : 1 / seconds.length))
  }

  /** What the next tile counts in, by the time that each of its parts is expected to take. */
  next<Step extends string>(plan: readonly PlannedPart<Step>[]): Progress<Step> {
    const [from, to] = [this.#starts[this.#begun]!, this.#starts[this.#begun + 1]!]
    this.#begun++
    this.#reach(from)
    return countedAs((done) => this.#reach(from + (to - from) * done), plan)
  }

  /** All tiles are done. */
  end(): void {
    this.#reach(this.#total)
  }

  #reach(done: number): void {
    const whole = Math.floor(done)
    if (whole <= this.#counted) return
    this.#counting.advance(whole - this.#counted)
    this.#counted = whole
  }
}

/** Tells `reach` how much of a tile is done, up to 1, while its parts are counted: by the time that each is expected to take. */
function countedAs<Step extends string>(
  reach: (done: number) => void,
  plan: readonly PlannedPart<Step>[],
): Progress<Step> {
  const secondsOf = ({ total, secondsEach }: PlannedPart) => total * secondsEach
  const all = plan.reduce((sum, part) => sum + secondsOf(part), 0)
  let done = 0
  return {
    begin: (step, { part, total }) => {
      const planned = plan.find((one) => one.step === step && one.part === part)
      const share = planned === undefined || all === 0 ? 0 : secondsOf(planned) / all
      return {
        advance: (count) => {
          done += total > 0 ? (share * count) / total : 0
          reach(Math.min(1, done))
        },
      }
    },
  }
}

/** All files of a folder, or `only` these. */
export async function filesIn(folder: string, only?: readonly string[]): Promise<WorkFiles> {
  const files: WorkFiles = {}
  for (const name of only ?? (await readdir(folder))) {
    const path = join(folder, name)
    files[name] = { name, segments: [{ path, sizeBytes: (await stat(path)).size }] }
  }
  return files
}
