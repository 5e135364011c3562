// A divided run in one process: its parts one after the other. What it takes of memory is what one of them takes.
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Division, JobContext, Progress, StepProgress, Tile, WorkFiles } from './job-type.ts'

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
  { fromPoints, counting: { points, ...counted }, onTiles }: PartsOptions<Step>,
): Promise<void> {
  const folder = async (name: string) => {
    const path = join(context.scratch, name)
    await mkdir(path)
    return path
  }
  const shared = await folder('divided')
  const { tiles } = await division.divide(context, { path: (name) => join(shared, name) }, fromPoints)
  onTiles?.(tiles)
  const { step, part } = counted
  const counting = context.progress.begin(step, { part, total: points, unit: 'points' })
  const allSeconds = tiles.reduce((sum, { seconds }) => sum + seconds, 0)
  const done: { tile: Tile; results: WorkFiles }[] = []
  for (const [number, tile] of tiles.entries()) {
    const results = await folder(`tile-${number}`)
    const inputs: JobContext['inputs'] = {}
    for (const [input, names] of Object.entries(tile.inputs))
      inputs[input] = (context.inputs[input] ?? []).filter(({ name }) => names.includes(name))
    const share = allSeconds > 0 ? (points * tile.seconds) / allSeconds : points / tiles.length
    await division.runTile({
      ...{ ...context, inputs, tile, files: await filesIn(shared, tile.files) },
      progress: countedAs(counting, share, division.planTile(tile, {})),
      results: { path: (name) => join(results, name) },
    })
    done.push({ tile, results: await filesIn(results) })
  }
  await division.merge({ ...context, divided: await filesIn(shared), tiles: done })
  await rm(shared, { recursive: true })
  for (const number of tiles.keys()) await rm(join(context.scratch, `tile-${number}`), { recursive: true })
}

/** Counts `share` in all while the parts of a tile are counted, by the time that each is expected to take. */
function countedAs<Step extends string>(
  counting: StepProgress,
  share: number,
  plan: ReturnType<Division<Step>['planTile']>,
): Progress<Step> {
  const all = plan.reduce((sum, { total, secondsEach }) => sum + total * secondsEach, 0)
  let [reached, counted] = [0, 0]
  return {
    begin: (step, { part, total }) => {
      const planned = plan.find((one) => one.step === step && one.part === part)
      const shareOfPart =
        planned === undefined || all === 0 ? 0 : (share * planned.total * planned.secondsEach) / all
      return {
        advance: (count) => {
          reached += total > 0 ? (shareOfPart * count) / total : 0
          const whole = Math.floor(reached) - counted
          if (whole < 1) return
          counted += whole
          counting.advance(whole)
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
