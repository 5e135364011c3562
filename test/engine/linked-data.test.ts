// A job on linked folders: read where they lie, with the results of uploads.
import { readFile, stat } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Engine, openEngine } from './engine-fixture.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine(5000, 50)
})
afterAll(() => engine.close())

async function changesIn(inputs: readonly string[]): Promise<string> {
  const job = await engine.create(['exportedLocations3DGeoJSON'], inputs)
  await engine.jobs.submit(engine.org, job.id, [])
  await engine.until(job.id, ({ state }) => state === 'success')
  const container = { id: job.outputs[0]!.realityDataId, attempt: 1 }
  const [blob] = (await engine.blobs.list(container)).blobs
  const { stream } = await engine.blobs.read(container, blob!.name)
  return Buffer.concat(await stream.toArray()).toString()
}

test('a job reads linked files in place, leaves them as they are, and finds what it finds in uploads', async () => {
  const linked = [await engine.link(engine.paths[0]!), await engine.link(engine.paths[1]!)]
  const before = await Promise.all(
    linked.map(async ({ path }) => (await stat(path, { bigint: true })).mtimeNs),
  )
  let copied = 0
  const agent = await engine.startAgent({
    blobs: {
      ...engine.linked,
      read: (container, name, options) => {
        // Headers are looked at by ranges; a copy would be of the whole.
        if (options?.lengthBytes === undefined) copied++
        return engine.linked.read(container, name, options)
      },
    },
  })
  const found = await changesIn(linked.map(({ id }) => id))
  expect(found).toBe(await changesIn(engine.inputs))
  expect(JSON.parse(found).features.length).toBeGreaterThan(0)
  expect(copied).toBe(0)
  for (const [i, { id, path }] of linked.entries()) {
    expect((await stat(path, { bigint: true })).mtimeNs).toBe(before[i])
    expect(await readFile(path)).toEqual(await readFile(engine.paths[i]!))
    expect(await engine.containers([id])).toEqual([])
  }
  await agent.stop()
})
