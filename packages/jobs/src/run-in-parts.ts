// A divided run in one process: its parts one after the other. What it takes of memory is what one of them takes.
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Division, JobContext, Progress, Tile, WorkFiles } from './job-type.ts'

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
  const counting = context.progress.begin(step, { part, total: points, unit: 'points' })
  let counted = 0
  const reach = (done: number) => {
    const whole = Math.floor(done)
    if (whole <= counted) return
    counting.advance(whole - counted)
    counted = whole
  }
  const allSeconds = tiles.reduce((sum, { seconds }) => sum + seconds, 0)
  const done: { tile: Tile; results: WorkFiles }[] = []
  let before = 0
  for (const [number, tile] of tiles.entries()) {
    const results = await folder(`tile-${number}`)
    const inputs: JobContext['inputs'] = {}
    for (const [input, names] of Object.entries(tile.inputs))
      inputs[input] = (context.inputs[input] ?? []).filter(({ name }) => names.includes(name))
    const share = allSeconds > 0 ? (points * tile.seconds) / allSeconds : points / tiles.length
    await division.runTile({
      ...{ ...context, inputs, tile, files: await filesIn(shared, tile.files) },
      progress: countedAs(
        (done) => reach(before + share * done),
        division.planTile(tile, { detectors: context.detectors }),
      ),
      results: { path: (name) => join(results, name) },
    })
    before += share
    reach(before)
    done.push({ tile, results: await filesIn(results) })
  }
  reach(points)
  await division.merge({ ...context, divided: await filesIn(shared), tiles: done })
  await rm(shared, { recursive: true })
  for (const number of tiles.keys()) await rm(join(context.scratch, `tile-${number}`), { recursive: true })
}

/** Tells `reach` how much of a tile is done, up to 1, while its parts are counted: by the time that each is expected to take. */
function countedAs<Step extends string>(
  reach: (done: number) => void,
  plan: ReturnType<Division<Step>['planTile']>,
): Progress<Step> {
  const secondsOf = ({ total, secondsEach }: (typeof plan)[number]) => total * secondsEach
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

async function filesIn(folder: string, only?: readonly string[]): Promise<WorkFiles> {
  const files: WorkFiles = {}
  for (const name of only ?? (await readdir(folder))) {
    const path = join(folder, name)
    files[name] = { name, segments: [{ path, sizeBytes: (await stat(path)).size }] }
  }
  return files
}
