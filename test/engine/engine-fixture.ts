// The engine without HTTP: real store, real folder, real runners on two made-up surveys, and eyes on all of it.
import { cp, mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type DestinationStream, pino } from 'pino'
import { type Agent, type AgentOptions, startAgent } from '../../packages/server/src/agent/agent.ts'
import { openFolderBlobStore } from '../../packages/server/src/blobs/folder-blob-store.ts'
import { readingLinked } from '../../packages/server/src/linked/linked-blobs.ts'
import { LinkedFolders } from '../../packages/server/src/linked/linked-folders.ts'
import { openLinkedRoots } from '../../packages/server/src/linked/linked-roots.ts'
import type {
  JobRecord,
  ProgressRecord,
  RequestedSettings,
} from '../../packages/server/src/store/job-record.ts'
import { openRealityDataRows } from '../../packages/server/src/store/reality-data-rows.ts'
import { openTestStore } from '../../packages/server/src/store/test-store.ts'
import { writeTwoEpochs } from '../e2e/two-epochs.ts'
import { processesIn } from './processes.ts'

const org = 'acme'
/** Looks at a row or at all processes of a machine cost a millisecond or several: they shall not take a core. */
const lookMs = 20
const owner = { org, userId: 'ada', email: 'ada@example.org', clientId: 'sdk' }

export interface LogLine {
  time: number
  msg: string
  jobId?: string
  attempt?: number
  /** What the attempt did not have to do again, and what was not believed. */
  takenOver?: Record<string, number>
  name?: string
  /** What the runner wrote to its standard error, or what an error in it looked like. */
  runner?: string
}

export type Engine = Awaited<ReturnType<typeof openEngine>>

/** Two surveys of `pointCount` points each; below two points a square metre nobody finds their changes. */
export async function openEngine(pointCount: number, sideMetres = 100) {
  const store = await openTestStore()
  const { jobs, database, dataDir } = store
  const blobs = await openFolderBlobStore({ root: join(dataDir, 'blobs') })
  const realityData = openRealityDataRows({ database, now: () => new Date(), newId: randomUUID })
  const iTwinId = randomUUID()
  await realityData.claimITwin(org, iTwinId)
  const scratchDir = join(dataDir, 'scratch')
  const keptDir = join(dataDir, 'kept')
  await mkdir(scratchDir)
  const logged: LogLine[] = []
  const destination: DestinationStream = { write: (line) => void logged.push(JSON.parse(line)) }
  const log = pino({ base: null }, destination)
  const agents: Agent[] = []

  const sceneDir = await mkdtemp(join(tmpdir(), 'alidade-scene-'))
  const { paths } = await writeTwoEpochs(sceneDir, pointCount, sideMetres)
  /** A reality data of its own with this file in it; returns its id. */
  const upload = async (path: string, name = 'survey.las', type = 'LAS') => {
    const { id } = await realityData.create(owner, iTwinId, { displayName: 'survey', type })
    const copy = `${path}.${id}`
    await cp(path, copy)
    await blobs.publishFile({ id, attempt: 0 }, name, copy)
    return id
  }
  const linked = readingLinked(blobs, new LinkedFolders(openLinkedRoots([sceneDir], [dataDir])))
  /** A reality data that shows a folder with this file in it; returns its id and where the file lies. */
  const link = async (path: string) => {
    const folder = await realpath(await mkdtemp(join(sceneDir, 'linked-')))
    await cp(path, join(folder, 'survey.las'))
    const properties = { displayName: 'linked', type: 'LAS' }
    const { id } = await realityData.create(owner, iTwinId, properties, { folder })
    return { id, path: join(folder, 'survey.las') }
  }
  const inputs = await Promise.all(paths.map((path) => upload(path)))

  return {
    org,
    jobs,
    blobs,
    database,
    realityData,
    scratchDir,
    keptDir,
    log,
    logged,
    inputs,
    upload,
    link,
    /** What agents read: the store, and linked folders where they lie. */
    linked,
    /** Uploads a survey again, under an id of its own. */
    uploadAgain: (epoch: 0 | 1) => upload(paths[epoch]),
    /** Two surveys of another size. */
    uploadSurveys: async (pointCount: number) => {
      const folder = await mkdtemp(join(sceneDir, 'surveys-'))
      const { paths } = await writeTwoEpochs(folder, pointCount)
      return Promise.all(paths.map((path) => upload(path)))
    },
    /** For files to upload. */
    folder: sceneDir,
    /** Of the two surveys. */
    paths,

    startAgent: async (options: Partial<AgentOptions> = {}): Promise<Agent> => {
      const agent = await startAgent({
        name: 'here',
        jobs,
        blobs: linked,
        realityData,
        scratchDir,
        keptDir,
        keepFromSeconds: 60,
        divideFromPoints: 0,
        slots: 1,
        threadsPerJob: 2,
        memoryLimitMegabytes: 2000,
        memoryMegabytes: 4000,
        stallMinutes: 10,
        timeLimitMinutes: 0,
        log,
        now: () => new Date(),
        ...options,
      })
      agents.push(agent)
      return agent
    },

    create: (
      outputs = ['objects3D', 'exportedLocations3DGeoJSON'],
      [a, b]: readonly string[] = inputs,
      more: Partial<RequestedSettings> = {},
    ): Promise<JobRecord> =>
      jobs.create(owner, iTwinId, {
        type: 'changeDetection',
        name: 'engine',
        inputs: [
          { name: 'modelA', realityDataId: a! },
          { name: 'modelB', realityDataId: b! },
        ],
        outputs,
        options: {},
        optionsSent: undefined,
        costParameters: undefined,
        ...more,
      }),

    /** Returns the first progress that is wanted; fails when the job ends otherwise or it takes too long. */
    until: async (
      id: string,
      wanted: (progress: ProgressRecord) => boolean,
      onSeen?: (progress: ProgressRecord) => unknown,
    ): Promise<ProgressRecord> => {
      for (const deadline = performance.now() + 60_000; ; await delay(lookMs)) {
        const progress = await jobs.progress(org, id)
        if (progress === undefined) throw new Error(`there is no job ${id}`)
        await onSeen?.(progress)
        if (wanted(progress)) return progress
        if (progress.endedAt !== undefined || performance.now() > deadline)
          throw new Error(`expected something else than ${JSON.stringify(progress)}`)
      }
    },

    /** Waits for a line of the log that is not older than `since` lines. */
    untilLogged: async (msg: string, since = 0, jobId?: string): Promise<LogLine> => {
      for (const deadline = performance.now() + 60_000; ; await delay(lookMs)) {
        const line = logged
          .slice(since)
          .find((line) => line.msg === msg && (jobId === undefined || line.jobId === jobId))
        if (line !== undefined) return line
        if (performance.now() > deadline)
          throw new Error(`'${msg}' was not logged: ${JSON.stringify(logged)}`)
      }
    },

    /** Pids of the runners of this engine: they live in its scratch folder. */
    runners: () => processesIn(scratchDir),

    untilRunner: async (): Promise<number> => {
      for (;;) {
        const [pid] = await processesIn(scratchDir)
        if (pid !== undefined) return pid
        await delay(lookMs)
      }
    },

    /** `id/attempt` of the containers of these reality data. */
    containers: async (ids: readonly string[]): Promise<string[]> => {
      const found: string[] = []
      for await (const { id, attempt } of blobs.containers()) {
        if (ids.includes(id)) found.push(`${id}/${attempt}`)
      }
      return found.sort()
    },

    scratch: () => readdir(scratchDir),

    close: async () => {
      for (const agent of agents) await agent.stop()
      await store.remove()
      await rm(sceneDir, { recursive: true, force: true })
    },
  }
}
