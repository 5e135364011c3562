// The two published v1 clients of Reality Analysis, written down: what they send, and what they refuse in an answer.
//
// The TypeScript one (`@itwin/reality-capture-analysis`) is no longer on the npm registry, the Python one is no npm
// package, so neither can be installed here as it is. These are transcripts of the last v1 generation of both, made
// from their public source (github.com/iTwin/reality-capture, typescript/packages/reality-capture-analysis and
// python/reality_apis/RDAS): the same methods, paths, headers and bodies; the same demands, some of them stricter here,
// where the original would go on with a wrong value. They show that the wire fits, not that a package runs.

/** What a job is asked for: ids of two surveys, names of outputs, and numbers that go out as strings. */
export interface ChangeDetectionSettings {
  pointClouds1: string
  pointClouds2: string
  outputs: readonly string[]
  options: Readonly<Record<string, number>>
}

/** The same of a segmentation: ids of the cloud and of the detector. */
export interface SegmentationSettings {
  type: 'segmentation3D' | 'extractGround'
  pointClouds: string
  pointCloudSegmentationDetector: string
  outputs: readonly string[]
  options: Readonly<Record<string, number | boolean>>
}

export interface JobProperties {
  state: string
  inputs: Record<string, string>
  /** Id of the reality data of each output. */
  outputs: Record<string, string>
  options: Record<string, number | boolean>
  exitCode: number | undefined
  estimatedUnits: number | undefined
  errorCodes: string[]
  warningCodes: string[]
}

/** What both clients can do. A refused request, or an answer that the client cannot read, rejects. */
export interface RecordedV1Client {
  createJob(
    settings: ChangeDetectionSettings | SegmentationSettings,
    name: string,
    iTwinId: string,
  ): Promise<string>
  submitJob(id: string): Promise<void>
  cancelJob(id: string): Promise<void>
  deleteJob(id: string): Promise<void>
  getJobProgress(id: string): Promise<{ state: string; progress: number; step: string }>
  getJobProperties(id: string): Promise<JobProperties>
  getJobEstimatedCost(id: string, parameters: Record<string, number>): Promise<number>
}

const jobStates = ['unsubmitted', 'active', 'success', 'failed', 'cancelled']
/** What the settings of each type can hold; nothing else may come back. */
const knownTypes: Readonly<Record<string, { inputs: string[]; outputs: string[] }>> = {
  changeDetection: {
    inputs: ['pointClouds1', 'pointClouds2', 'meshes1', 'meshes2'],
    outputs: ['objects3D', 'exportedLocations3DSHP', 'exportedLocations3DGeoJSON'],
  },
  segmentation3D: {
    inputs: ['pointClouds', 'meshes', 'pointCloudSegmentationDetector', 'segmentation3D', 'clipPolygon'],
    outputs: [
      ...['segmentation3D', 'segmentedPointCloud', 'exportedSegmentation3DPOD', 'exportedSegmentation3DLAS'],
      ...['exportedSegmentation3DLAZ', 'exportedSegmentation3DPLY', 'objects3D', 'exportedObjects3DDGN'],
      ...['exportedObjects3DCesium', 'exportedLocations3DSHP', 'lines3D', 'exportedLines3DDGN'],
      ...['exportedLines3DCesium', 'polygons3D', 'exportedPolygons3DDGN', 'exportedPolygons3DCesium'],
    ],
  },
  extractGround: {
    inputs: ['pointClouds', 'meshes', 'pointCloudSegmentationDetector', 'clipPolygon'],
    outputs: [
      ...['segmentation3D', 'segmentedPointCloud', 'exportedSegmentation3DPOD'],
      ...['exportedSegmentation3DLAS', 'exportedSegmentation3DLAZ'],
    ],
  },
}
const numberOptions = [
  'colorThresholdLow',
  'colorThresholdHigh',
  'distThresholdLow',
  'distThresholdHigh',
  'resolution',
  'minPoints',
  'removeSmallComponents',
]
const flagOptions = ['saveConfidence', 'computeLineWidth']
const costMembers = [
  'gigaPixels',
  'numberOfPhotos',
  'sceneWidth',
  'sceneHeight',
  'sceneLength',
  'detectorScale',
  'detectorCost',
  'estimatedCost',
]

const cloudHost = 'api.bentley.com'
const successStatus = { GET: 200, POST: 201, PATCH: 200, DELETE: 204 }

// biome-ignore lint/suspicious/noExplicitAny: answers are read as the clients do, member by member, and fail there.
type Json = any

interface Answer {
  status: number
  /** Undefined: the body is empty. */
  json: Json
}

/** The TypeScript client: sent by axios, one exact status for each operation, `Error` for everything else. */
export function recordedTypeScriptClient(getAccessToken: () => Promise<string>): RecordedV1Client {
  return recordedClient(
    async (method, path, body) => {
      const headers = {
        'content-type': 'application/json',
        accept: 'application/vnd.bentley.itwin-platform.v1+json',
        authorization: await getAccessToken(),
      }
      const answer = await send(method, path, headers, body)
      const expected = successStatus[method]
      if (answer.status >= 300) throw new Error(typeScriptMessage(answer))
      if (answer.status !== expected) throw new Error(`expected status ${expected}, got ${answer.status}`)
      return answer.json
    },
    // Both parse what they get as JSON, be it a number or a text.
    (value) => JSON.parse(value),
    (value) => value,
  )
}

/**
 * The Python client: sent by requests, any 2xx, and a JSON body on every answer but that to DELETE. Its token factory
 * names the host too, to which it puts `https://`.
 */
export function recordedPythonClient(
  getToken: () => Promise<string>,
  serviceHost = cloudHost,
): RecordedV1Client {
  return recordedClient(
    async (method, path, body) => {
      const headers = {
        Authorization: await getToken(),
        'User-Agent': 'Reality Analysis Python SDK/1.0.0',
        'Content-type': 'application/json',
        Accept: 'application/vnd.bentley.itwin-platform.v1+json',
      }
      const { status, json } = await send(method, path, headers, body, serviceHost)
      if (status >= 300)
        throw new Error(`code ${status}: ${text(json.error.code)}, ${text(json.error.message)}`)
      if (method !== 'DELETE' && json === undefined) throw new SyntaxError(`status ${status} without a body`)
      return json
    },
    pythonInt,
    pythonFloat,
  )
}

/** Sends to the host of the cloud, as the originals do; `redirectCloud` decides where that is. */
async function send(
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: object,
  host = cloudHost,
): Promise<Answer> {
  const answer = await fetch(`https://${host}/realitydataanalysis/${path}`, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const bodyText = await answer.text()
  return { status: answer.status, json: bodyText === '' ? undefined : JSON.parse(bodyText) }
}

function recordedClient(
  request: (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object) => Promise<Json>,
  readPercentage: (value: Json) => number,
  readNumber: (value: Json) => number,
): RecordedV1Client {
  return {
    createJob: async (settings, name, iTwinId) => {
      const { type = 'changeDetection', outputs, options, ...inputs } = { type: undefined, ...settings }
      const { job } = await request('POST', 'jobs', {
        type,
        name,
        iTwinId,
        inputs: Object.entries(inputs).map(([type, id]) => ({ type, id })),
        outputs,
        options: Object.fromEntries(Object.entries(options).map(([key, value]) => [key, String(value)])),
      })
      return text(job.id)
    },
    submitJob: async (id) => void (await request('PATCH', `jobs/${id}`, { state: 'active' })),
    cancelJob: async (id) => void (await request('PATCH', `jobs/${id}`, { state: 'cancelled' })),
    deleteJob: async (id) => void (await request('DELETE', `jobs/${id}`)),
    getJobProgress: async (id) => {
      const { progress } = await request('GET', `jobs/${id}/progress`)
      return {
        state: oneOf(jobStates, progress.state.toLowerCase()),
        progress: finite(readPercentage(progress.percentage)),
        step: text(progress.step),
      }
    },
    getJobProperties: async (id) => readProperties((await request('GET', `jobs/${id}`)).job, readNumber),
    getJobEstimatedCost: async (id, parameters) => {
      const { job } = await request('PATCH', `jobs/${id}`, { costEstimationParameters: parameters })
      for (const name of Object.keys(job.costEstimation)) oneOf(costMembers, name)
      return finite(job.costEstimation.estimatedCost)
    },
  }
}

function readProperties(job: Json, readNumber: (value: Json) => number): JobProperties {
  const known = knownTypes[oneOf(Object.keys(knownTypes), job.type)]!
  for (const name of ['id', 'name', 'iTwinId', 'email', 'dataCenter', 'createdDateTime']) text(job[name])
  const idsByType = (known: string[], entries: { type: string; id: string }[]) =>
    Object.fromEntries(entries.map(({ type, id }) => [oneOf(known, type), text(id)]))
  const options: Record<string, number | boolean> = {}
  if ('options' in job) {
    for (const name of numberOptions) {
      if (name in job.options) options[name] = finite(JSON.parse(job.options[name]))
    }
    for (const name of flagOptions) {
      if (name in job.options) options[name] = JSON.parse(job.options[name]) === true
    }
  }
  const execution = job.executionInformation
  const readIfThere = (name: string) =>
    execution !== undefined && name in execution ? finite(readNumber(execution[name])) : undefined
  // Neither stands a list of parameters that is missing.
  const codesOf = (entries: Json[] = []) =>
    entries.map(({ code, title, message, params }) => [code, title, message, ...params].map(text)[0]!)
  return {
    state: oneOf(jobStates, job.state),
    inputs: idsByType(known.inputs, job.inputs),
    outputs: idsByType(known.outputs, job.outputs),
    options,
    exitCode: readIfThere('exitCode'),
    estimatedUnits: readIfThere('estimatedUnits'),
    errorCodes: codesOf(execution?.errors),
    warningCodes: codesOf(execution?.warnings),
  }
}

/** The sentence that the TypeScript client makes of an error; it has nothing else to say what was wrong. */
function typeScriptMessage({ status, json }: Answer): string {
  const { message, details } = json.error
  const about = details === undefined ? '' : `. Details : ${JSON.stringify(details)}`
  return `Error ${status} ${text(message)}${about}`
}

function pythonInt(value: unknown): number {
  if (typeof value !== 'number') throw new TypeError(`int() of ${JSON.stringify(value)}`)
  return Math.trunc(value)
}

function pythonFloat(value: unknown): number {
  if (typeof value !== 'number') throw new TypeError(`float() of ${JSON.stringify(value)}`)
  return value
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`expected a text, got ${JSON.stringify(value)}`)
  return value
}

function finite(value: unknown): number {
  if (!Number.isFinite(value)) throw new TypeError(`expected a number, got ${JSON.stringify(value)}`)
  return value as number
}

function oneOf(known: readonly string[], value: unknown): string {
  if (!known.includes(value as string)) throw new TypeError(`found an unexpected ${JSON.stringify(value)}`)
  return value as string
}
