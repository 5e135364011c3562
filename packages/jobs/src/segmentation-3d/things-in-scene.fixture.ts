// What a job has put into the scene of an output, whatever it is called there and in whatever order.
import { parseContextScene } from '@alidade/formats'
import type { JobRun } from '../run-job.fixture.ts'

/** Everything in a scene that has a place, without its id, rounded to a millimetre, in an order of its own. */
export async function thingsIn(job: JobRun, output: string): Promise<string[]> {
  const { Annotations } = parseContextScene(await job.read(output, 'ContextScene.json'))
  const all = [
    ...(Annotations!.Objects3D?.Objects.values() ?? []),
    ...(Annotations!.Lines3D?.Lines.values() ?? []),
    ...(Annotations!.Polygons3D?.Polygons.values() ?? []),
  ]
  const text = (thing: unknown) =>
    JSON.stringify(thing, (_key, value) => {
      if (value instanceof Map) return [...value.values()]
      return typeof value === 'number' ? Math.round(value * 1000) / 1000 : value
    })
  return all.map(text).sort()
}
