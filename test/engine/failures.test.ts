// Every reason for which a job can fail, each brought about by its real cause in the real engine: the job says what
// happened and what to do, costs one attempt, and leaves nothing behind.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdir, readFile, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type JobErrorCode, jobErrors } from '../../packages/contract/src/index.ts'
import { writeLasPoints } from '../../packages/formats/src/index.ts'
import {
  pointCloudFile,
  realDataNote,
  withoutRealData,
} from '../../packages/formats/src/real-data.fixture.ts'
import type { Agent, AgentOptions } from '../../packages/server/src/agent/agent.ts'
import type { JobRecord, RequestedSettings } from '../../packages/server/src/store/job-record.ts'
import { type Engine, openEngine } from './engine-fixture.ts'
import { mountSmallDisk } from './small-disk.ts'

let engine: Engine
let agent: Agent | undefined
beforeAll(async () => {
  engine = await openEngine(15_000)
})
afterAll(() => engine.close())
afterEach(async () => {
  await agent?.stop()
  agent = undefined
  expect(await engine.runners()).toEqual([])
  expect(await engine.scratch()).toEqual([])
})

interface Failing {
  /** Reality data of both surveys; default: good ones. */
  inputs?: readonly string[]
  outputs?: string[]
  timeLimitMinutes?: number
  /** Of a job of another type. */
  settings?: Partial<RequestedSettings>
  agent?: Partial<AgentOptions>
  /** What happens once the job is under way. */
  disturb?: (job: JobRecord) => Promise<unknown>
  attempts?: number
  params: unknown[]
}
type Cause = (skip: (why: string) => never) => Promise<Failing>

const text = expect.any(String)

/** One cause at least for every code there is: the compiler asks for it. */
const causes: Record<JobErrorCode, Record<string, Cause>> = {
  InputData_Missing: {
    'an input that was deleted after submission': async () => {
      const gone = await engine.uploadAgain(1)
      await engine.blobs.deleteContainer({ id: gone })
      return {
        inputs: [engine.inputs[0]!, gone],
        params: ['pointClouds2', `a point cloud or mesh in reality data ${gone}`],
      }
    },
  },
  InputData_NotAPointCloud: {
    'a text that calls itself LAS': async () => {
      const path = join(engine.folder, 'notes')
      await writeFile(path, 'x,y,z\n'.repeat(100))
      return {
        inputs: [engine.inputs[0]!, await engine.upload(path)],
        params: ['survey.las', 'pointClouds2', text],
      }
    },
  },
  InputData_Corrupt: {
    'a LAS file that was cut off': async () => {
      const path = await writeSurvey({})
      await truncate(path, (await stat(path)).size - 1000)
      return {
        inputs: [await engine.upload(path), engine.inputs[1]!],
        params: ['survey.las', 'pointClouds1', text],
      }
    },
    [`a LAZ file with a damaged chunk${realDataNote}`]: async (skip) => {
      if (withoutRealData) return skip('there is no data at ALIDADE_TEST_DATA')
      const bytes = await readFile(pointCloudFile('formats/1.2-with-color.copc.laz'))
      const [whole, damaged] = ['whole', 'damaged'].map((name) => join(engine.folder, name)) as [
        string,
        string,
      ]
      await writeFile(whole, bytes)
      await writeFile(damaged, bytes.fill(0, bytes.length / 2, bytes.length / 2 + 1000))
      return {
        inputs: [await engine.upload(whole, 'survey.laz'), await engine.upload(damaged, 'survey.laz')],
        params: ['survey.laz', 'pointClouds2', expect.stringMatching(/^chunk \d+ at byte \d+: expected /)],
      }
    },
  },
  InputData_Changed: {
    'a linked file that is written to when the work on it has begun': async () => {
      const { id, path } = await engine.link(engine.paths[1]!)
      return {
        inputs: [engine.inputs[0]!, id],
        agent: { blobs: writingAfterTheLook(path, () => utimes(path, new Date(), new Date())) },
        params: ['survey.las', 'pointClouds2'],
      }
    },
    'a linked file that is replaced by a link to another one': async () => {
      const { id, path } = await engine.link(engine.paths[1]!)
      const replace = async () => {
        await rm(path)
        await symlink(engine.paths[1]!, path)
      }
      return {
        inputs: [engine.inputs[0]!, id],
        agent: { blobs: writingAfterTheLook(path, replace) },
        params: ['survey.las', 'pointClouds2'],
      }
    },
  },
  InputData_Empty: {
    'a survey of no points': async () => ({
      inputs: [await engine.upload(await writeSurvey({ points: 0 })), engine.inputs[1]!],
      params: ['pointClouds1'],
    }),
  },
  InputData_Invalid: {
    'a survey in degrees': async () => ({
      inputs: [
        engine.inputs[0]!,
        await engine.upload(await writeSurvey({ crs: { wkt: degrees }, east: 9, north: 48 })),
      ],
      params: ['pointClouds2', text],
    }),
  },
  InputData_NoOverlap: {
    'a survey of another place': async () => ({
      inputs: [engine.inputs[0]!, await engine.upload(await writeSurvey({ east: 600_000 }))],
      params: [expect.stringMatching(/^[\d.e+]+ metre/)],
    }),
  },
  Crs_Missing: {
    'locations asked for of surveys in an unknown system': async () => ({
      inputs: await Promise.all([1, 2].map(async () => engine.upload(await writeSurvey({ crs: 'none' })))),
      outputs: ['objects3D', 'exportedLocations3DGeoJSON'],
      params: ['exportedLocations3DGeoJSON', text],
    }),
  },
  Crs_Differs: {
    'surveys in two zones': async () => ({
      inputs: [engine.inputs[0]!, await engine.upload(await writeSurvey({ crs: { epsg: 32633 } }))],
      params: [expect.stringContaining('32N'), expect.stringContaining('33N')],
    }),
  },
  Detector_Unsuitable: {
    'a model where only an analysis of ours will do': async () => ({
      settings: await withDetector('extractGround'),
      outputs: ['segmentedPointCloud'],
      params: ['pointCloudSegmentationDetector', 'in a reality data', '@alidade/ground'],
    }),
  },
  Detector_Failed: {
    'files that are no detector': async () => ({
      settings: await withDetector('segmentation3D'),
      outputs: ['segmentedPointCloud'],
      params: ['survey.las', expect.stringMatching(/^byte 0: expected a zip archive or an ONNX model, got /)],
    }),
  },
  OutOfMemory: {
    'a runner above its limit': async () => ({
      agent: { memoryLimitMegabytes: 64 },
      params: ['64', expect.stringMatching(/^\d+$/)],
    }),
    'a runner that gets no more from the system': async (skip) => {
      if (!(await stat('/usr/bin/prlimit').catch(() => undefined))) return skip('there is no prlimit here')
      return {
        // Large enough for the limit to come before the end.
        inputs: await engine.uploadSurveys(60_000),
        disturb: async ({ id }) => {
          const pid = await engine.untilRunner()
          await engine.until(id, ({ step }) => step !== 'Wait_In_Queue' && step !== 'Prepare_Production')
          await promisify(execFile)('/usr/bin/prlimit', ['--pid', String(pid), '--data=1000000'])
        },
        params: ['2000', expect.stringMatching(/^\d+$/)],
      }
    },
  },
  DiskFull: {
    'a disk that is full while the runner writes': async (skip) => {
      const disk = await mountSmallDisk(250)
      if ('problem' in disk) return skip(`no disk can be mounted here: ${disk.problem}`)
      onceEnded.push(async () => {
        expect(await readdir(join(disk.path, 'scratch'))).toEqual([])
        await disk.remove()
      })
      return {
        agent: { scratchDir: join(disk.path, 'scratch') },
        outputs: ['objects3D', 'segmentedModel3DA'],
        params: [expect.not.stringContaining('/')],
      }
    },
  },
  WorkerLost: {
    'three runners killed': async () => ({
      disturb: async (job) => {
        for (let kill = 1; kill <= 3; kill++) {
          const pid = await engine.untilRunner()
          const since = engine.logged.length
          process.kill(pid, 'SIGKILL')
          await engine.untilLogged(kill < 3 ? 'attempt begun' : 'job failed', since, job.id)
        }
      },
      attempts: 3,
      params: ['SIGKILL', '3'],
    }),
  },
  Stalled: {
    'a runner that was stopped': async () => ({
      agent: { stallMinutes: 0.03 },
      disturb: async () => process.kill(await engine.untilRunner(), 'SIGSTOP'),
      params: ['0.03', expect.stringMatching(/^[A-Z]\w+_[A-Z]\w+$/)],
    }),
  },
  TimedOut: {
    'a job with less time than it takes': async () => ({ timeLimitMinutes: 0.004, params: ['0.004'] }),
    'a service that gives no job as much time': async () => ({
      agent: { timeLimitMinutes: 0.004 },
      params: ['0.004'],
    }),
  },
  Internal: {
    'a file that cannot be read for a reason nobody foresaw': async () => {
      const id = await engine.uploadAgain(0)
      const [segment] = (await engine.blobs.localSegments!({ id, attempt: 0 }, 'survey.las'))!
      await rm(segment!.path)
      await symlink(segment!.path, segment!.path)
      return { inputs: [id, engine.inputs[1]!], params: [expect.stringMatching(/^[\da-f-]{36}$/)] }
    },
  },
}
const onceEnded: (() => Promise<void>)[] = []

const all = Object.entries(causes).flatMap(([code, ways]) =>
  Object.entries(ways).map(
    ([way, cause]) => [`${way} fails as ${code}`, code as JobErrorCode, cause] as const,
  ),
)
test.for(all)('%s', async ([, code, cause], { skip }) => {
  const failing = await cause(skip)
  agent = await engine.startAgent(failing.agent)
  const { timeLimitMinutes } = failing
  const job = await engine.create(failing.outputs ?? ['objects3D'], failing.inputs, {
    timeLimitMinutes,
    ...failing.settings,
  })
  await engine.jobs.submit(engine.org, job.id, [])
  await failing.disturb?.(job)
  await engine.until(job.id, ({ endedAt }) => endedAt !== undefined)
  await agent.stop()
  for (const end of onceEnded.splice(0)) await end()

  const ended = (await engine.jobs.get(engine.org, job.id))!
  expect(ended).toMatchObject({ state: 'failed', exitCode: 1, attempt: failing.attempts ?? 1 })
  expect(ended.errors).toEqual([
    { code, title: jobErrors[code].title, message: text, params: failing.params },
  ])
  const { message, params } = ended.errors[0]!
  expect(message).not.toMatch(/%\d/)
  expect(message.endsWith(jobErrors[code].remedy)).toBe(true)
  for (const param of params) expect(message).toContain(param)
  const outputIds = job.outputs.map(({ realityDataId }) => realityDataId)
  expect(await engine.containers(outputIds)).toEqual([])
  for (const id of outputIds) expect(await engine.realityData.get(engine.org, id)).toBeUndefined()
  // What an internal error names is where its stack is found.
  if (code === 'Internal') {
    expect(params).toEqual([job.id])
    expect(
      engine.logged.find(({ jobId, runner }) => jobId === job.id && /ELOOP.*\n +at /.test(runner ?? '')),
    ).toBeDefined()
  }
})

/** The blobs of the engine; somebody writes to the file just after its agent has looked at it for its runner. */
function writingAfterTheLook(path: string, write: () => Promise<unknown>): AgentOptions['blobs'] {
  const { linked } = engine
  return {
    ...linked,
    localSegments: async (...file) => {
      const segments = await linked.localSegments!(...file)
      if (segments?.some((segment) => segment.path === path)) await write()
      return segments
    },
  }
}

/** Settings of a job whose detector is a reality data with a text in it, pinned as it is. */
async function withDetector(type: 'extractGround' | 'segmentation3D'): Promise<Partial<RequestedSettings>> {
  const path = join(engine.folder, 'detector')
  await writeFile(path, 'no detector')
  const sha256 = (what: string) => createHash('sha256').update(what).digest('hex')
  const pin = { sha256: sha256(`${sha256('no detector')}  survey.las\n`) }
  const inputs = [
    { name: 'pointClouds', realityDataId: engine.inputs[0]! },
    { name: 'pointCloudSegmentationDetector', realityDataId: await engine.upload(path), detector: pin },
  ]
  return { type, inputs }
}

let surveys = 0
interface Survey {
  points?: number
  crs?: { epsg: number } | { wkt: string } | 'none'
  east?: number
  north?: number
}

/** A few points in a square of 20 m or degrees; returns the path. */
async function writeSurvey(survey: Survey): Promise<string> {
  const { points = 2000, crs = { epsg: 32632 }, east = 500_000, north = 5_400_000 } = survey
  const path = join(engine.folder, `survey-${++surveys}.las`)
  const column = (origin: number, size: number) =>
    Float64Array.from({ length: points }, (_, i) => origin + ((i * 0.618034) % 1) * size)
  const columns = { x: column(east, 20), y: column(north, 15), z: column(200, 1) }
  await writeLasPoints(path, columns, crs === 'none' ? {} : { crs })
  return path
}

const degrees =
  'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],' +
  'UNIT["degree",0.0174532925199433]]'
