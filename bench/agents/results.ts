// The results of two runs, held against each other: bytes, and where these differ objects and points.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Client } from '@alidade/client'
import { pull } from '@alidade/client/node'
import { decodeAttribute, openFile, readLasHeader, readPointBatches } from '@alidade/formats'

export interface Results {
  folder: string
  /** By output and name of the file. */
  hashes: Record<string, string>
  /** Of all of them. */
  hash: string
}

/** Fetches all results as a client does. */
export async function pullResults(client: Client, jobId: string, folder: string): Promise<Results> {
  const outputs = (await client.v2.jobs.get(jobId)).specifications.outputs as Record<string, string>
  const hashes: Record<string, string> = {}
  for (const [output, id] of Object.entries(outputs)) {
    const into = join(folder, output)
    await mkdir(into, { recursive: true })
    await pull(() => client.realityData.readAccess(id), into)
    for (const name of (await readdir(into)).sort())
      hashes[`${output}/${name}`] = await hashOf(join(into, name))
  }
  return {
    folder,
    hashes,
    hash: createHash('sha256').update(JSON.stringify(hashes)).digest('hex').slice(0, 12),
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  if (path.endsWith('.json')) hash.update(await withoutIds(path))
  else for await (const bytes of createReadStream(path)) hash.update(bytes)
  return hash.digest('hex').slice(0, 12)
}

/** Scenes name reality data of their job, which each job has of its own. */
async function withoutIds(path: string): Promise<string> {
  return (await readFile(path, 'utf8')).replace(/rds:[0-9a-f-]+/g, 'rds')
}

export interface Difference {
  file: string
  /** Objects, lines and polygons that only one of both has, of so many; or points with another class or change. */
  others: number
  of: number
  /** Largest difference of distances, in the unit of the clouds. */
  distance?: number
}

/** Of files that are not the same byte for byte; points are compared in their order. */
export async function differencesOf(a: Results, b: Results): Promise<Difference[]> {
  const differences: Difference[] = []
  for (const file of Object.keys({ ...a.hashes, ...b.hashes })) {
    if (a.hashes[file] === b.hashes[file]) continue
    const paths = [a, b].map(({ folder }) => join(folder, file)) as [string, string]
    const compared = /\.la[sz]$/.test(file) ? await compareClouds(...paths) : await compareThings(...paths)
    differences.push({ file, ...compared })
  }
  return differences
}

/** By what they are, whatever their number and their order. */
async function compareThings(...paths: [string, string]) {
  const [a, b] = (await Promise.all(paths.map(thingsIn))) as [Set<string>, Set<string>]
  const missing = (from: Set<string>, all: Set<string>) => [...all].filter((thing) => !from.has(thing)).length
  return { others: missing(a, b) + missing(b, a), of: a.size }
}

async function thingsIn(path: string): Promise<Set<string>> {
  const document = JSON.parse(await withoutIds(path))
  const { Objects3D, Lines3D, Polygons3D } = document.Annotations ?? {}
  const things =
    document.features ?? Object.values(Objects3D?.Objects ?? Lines3D?.Lines ?? Polygons3D?.Polygons ?? {})
  return new Set((things as { id?: unknown }[]).map(({ id: _, ...thing }) => JSON.stringify(thing)))
}

async function compareClouds(...paths: [string, string]) {
  const sources = await Promise.all(paths.map((path) => openFile(path)))
  const [a, b] = await Promise.all(sources.map((source) => readLasHeader(source)))
  const names = ['classification', ...a!.extraBytes.map(({ name }) => name)]
  const [left, right] = sources.map((source, i) => readPointBatches(source, i === 0 ? a! : b!))
  let others = Math.abs(a!.pointCount - b!.pointCount)
  let distance = 0
  for await (const batch of left!) {
    const next = (await right!.next()).value
    if (next === undefined || next.count !== batch.count) break
    const different = new Uint8Array(batch.count)
    for (const name of names) {
      const before = decodeAttribute(batch, a!, name) as ArrayLike<number>
      const after = decodeAttribute(next, b!, name) as ArrayLike<number>
      for (let i = 0; i < batch.count; i++) {
        if (Object.is(before[i], after[i])) continue
        if (name === 'distance') distance = Math.max(distance, Math.abs(before[i]! - after[i]!))
        else if (name !== 'confidence') different[i] = 1
      }
    }
    others += different.reduce((sum, one) => sum + one, 0)
  }
  for (const source of sources) await source.close()
  return { others, of: a!.pointCount, distance }
}
