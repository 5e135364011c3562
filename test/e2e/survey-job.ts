// What a client does around a job, by our own client: upload surveys, create, submit, fetch the results.
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient, InvalidRequestError } from '../../packages/client/src/index.ts'
import { pull, push } from '../../packages/client/src/node.ts'
import type { Progress } from '../../packages/contract/src/index.ts'
import { openFolderBlobStore } from '../../packages/server/src/blobs/folder-blob-store.ts'
import type { ServiceProcess } from './service-process.ts'

/** How often tests ask for progress: jobs of theirs take seconds. */
export const often = { intervalsSeconds: [0.05] }

/** What a client is told of a job of v1 until its end. */
export async function watchJob(client: Client, jobId: string): Promise<{ end: Progress; seen: Progress[] }> {
  const seen: Progress[] = []
  const onProgress = (progress: Progress) => void seen.push(progress)
  return { end: await client.waitForJob(jobId, { ...often, onProgress }), seen }
}

export async function clientOf(service: ServiceProcess, ...tokenOptions: string[]): Promise<Client> {
  const token = await service.token(...tokenOptions)
  return createClient({ baseUrl: service.url, token: () => token })
}

/** The id of a new reality data with this file, or the files of this folder. */
export async function upload(
  client: Client,
  as: { displayName: string; type: string; iTwinId: string },
  path: string,
): Promise<string> {
  const { id } = await client.realityData.create(as)
  await push(() => client.realityData.writeAccess(id), path)
  return id
}

/** Uploads both surveys; the ids of their reality data. */
export async function uploadSurveys(
  client: Client,
  iTwinId: string,
  paths: readonly string[],
): Promise<string[]> {
  const ids: string[] = []
  for (const [i, path] of paths.entries()) {
    ids.push(await upload(client, { displayName: `survey ${i + 1}`, type: 'LAS', iTwinId }, path))
  }
  return ids
}

export async function createChangeJob(
  client: Client,
  iTwinId: string,
  [a, b]: readonly string[],
  more: { outputs?: string[]; options?: Record<string, unknown> } = {},
): Promise<string> {
  const job = await client.jobs.create({
    type: 'changeDetection',
    name: 'end to end',
    iTwinId,
    inputs: [
      { type: 'pointClouds1', id: a! },
      { type: 'pointClouds2', id: b! },
    ],
    outputs: ['objects3D', 'exportedLocations3DGeoJSON'],
    ...more,
  })
  return job.id
}

/** What a refusal says of each place, as `place: reason`; nothing of what was not refused. */
export async function refusalOf(request: Promise<unknown>): Promise<string[]> {
  try {
    await request
    return []
  } catch (error) {
    if (!(error instanceof InvalidRequestError)) throw error
    return error.details.map(({ target, message }) => `${target}: ${message}`)
  }
}

/** Contents of every result file, by `output/name`. */
export async function resultFiles(client: Client, jobId: string): Promise<Map<string, Buffer>> {
  const { outputs } = await client.jobs.get(jobId)
  const folder = await mkdtemp(join(tmpdir(), 'alidade-results-'))
  try {
    const files = new Map<string, Buffer>()
    for (const { type, id } of outputs) {
      await pull(() => client.realityData.readAccess(id), join(folder, type))
      for (const name of await readdir(join(folder, type))) {
        files.set(`${type}/${name}`, await readFile(join(folder, type, name)))
      }
    }
    return files
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** One hash of all result files of a job, names included. */
export async function resultHash(client: Client, jobId: string): Promise<string> {
  const hash = createHash('sha256')
  for (const [name, bytes] of [...(await resultFiles(client, jobId))].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(name).update(bytes)
  }
  return hash.digest('hex')
}

/** Of the containers that attempts have written, `<id>/<attempt>`. */
export async function attemptContainers(blobDir: string): Promise<string[]> {
  const found: string[] = []
  const blobs = await openFolderBlobStore({ root: blobDir })
  for await (const { id, attempt } of blobs.containers()) if (attempt > 0) found.push(`${id}/${attempt}`)
  return found.sort()
}

/** Those that an attempt of these jobs writes. */
export async function outputContainers(
  client: Client,
  jobs: readonly string[],
  attempt: number,
): Promise<string[]> {
  const outputs = await Promise.all(jobs.map(async (id) => (await client.jobs.get(id)).outputs))
  return outputs.flatMap((each) => each.map(({ id }) => `${id}/${attempt}`)).sort()
}
