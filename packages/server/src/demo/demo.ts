// `npm run demo [-- FOLDER]`: two surveys of a made-up site go through the service as a client would send them, and
// what it finds is set beside what is true.
import { readFile } from 'node:fs/promises'
import { availableParallelism, totalmem } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { type Client, createClient, ServiceError } from '@alidade/client'
import { pull, push } from '@alidade/client/node'
import type { Job } from '@alidade/contract'
import { type ExampleScene, type ExampleTruth, makeExampleScene } from '@alidade/jobs'
import { pino } from 'pino'
import { type BuiltinIssuer, openBuiltinIssuer } from '../auth/builtin-issuer.ts'
import { type Service, startService } from '../service.ts'
import { compareWithTruth, describeComparison, type FoundChange } from './compare-with-truth.ts'
import { describeFailure } from './describe-failure.ts'
import { type DemoFolder, DemoFolderError, openDemoFolder, openFreshDemoFolder } from './demo-folder.ts'
import { progressLine } from './progress-line.ts'

const began = performance.now()
const seconds = () => `${((performance.now() - began) / 1000).toFixed(1)} s`
const say = (text = '') => process.stdout.write(`${text}\n`)
/** As short as it can be typed. */
const here = (path: string) => {
  const short = relative(process.cwd(), path)
  return short.startsWith('..') ? path : short || '.'
}

/** Returns the exit code. Rejects with the reason of `signal` after it has stopped what it had started. */
async function demo(asked: string | undefined, signal: AbortSignal): Promise<number> {
  say('Alidade demo: two surveys of a site are uploaded, compared and explained.')
  const folder =
    asked === undefined
      ? await openFreshDemoFolder(resolve('alidade-demo'))
      : await openDemoFolder(resolve(asked))

  const scene = await makeScene(folder, signal)
  say(`\n2. Starting the service; its first start makes a database  [${seconds()}]`)
  const issuer = await openBuiltinIssuer(folder.dataDir)
  const service = await start(folder, issuer)
  try {
    say(`   listening on ${service.url}`)
    signal.throwIfAborted()
    const { token } = await issuer.issueToken({ expiresIn: '1h', client: 'alidade-demo' })
    const client = createClient({
      baseUrl: service.url!,
      token: async () => token,
      fetch: fetchToTheEnd(signal),
    })
    const job = await submit(client, scene, signal)

    say(`\n4. Watching the change detection as any v1 client does  [${seconds()}]`)
    say(`   GET ${service.url}/realitydataanalysis/jobs/${job.id}/progress`)
    const ended = await watch(client, job.id, signal)
    if (ended.state !== 'success') {
      for (const row of describeFailure(ended)) process.stderr.write(`${row}\n`)
      return 1
    }
    for (const { message } of ended.executionInformation?.warnings ?? []) say(`   Note: ${message}`)
    for (const { type, id } of ended.outputs) {
      await pull(() => client.realityData.readAccess(id, { signal }), join(folder.resultsDir, type), {
        signal,
      })
    }

    say(`\n5. What the downloaded results say, beside what is true  [${seconds()}]`)
    await tellResults(folder, scene)
  } finally {
    await service.stop()
  }
  say(`\nDone in ${seconds()}; the service has stopped. To ask it about this job yourself:`)
  say(`   npm start -- --data-dir ${here(folder.dataDir)}`)
  say(`   npx alidade token --data-dir ${here(folder.dataDir)}`)
  return 0
}

async function makeScene({ sceneDir, release }: DemoFolder, signal: AbortSignal): Promise<ExampleScene> {
  say('\n1. Making the surveys: terrain, buildings, trees, and some things that change in between')
  try {
    const scene = await makeExampleScene(sceneDir)
    signal.throwIfAborted()
    for (const { path, pointCount } of scene.epochs) {
      say(`   ${here(path)}  ${pointCount.toLocaleString('en')} points`)
    }
    return scene
  } finally {
    await release()
  }
}

function start({ dataDir }: DemoFolder, issuer: BuiltinIssuer): Promise<Service> {
  const memoryMegabytes = Math.floor((totalmem() * 0.75) / 1e6)
  return startService({
    dataDir,
    host: '127.0.0.1',
    port: 0,
    publicUrl: undefined,
    rateLimitPerMinute: 5000,
    trustProxy: false,
    corsOrigins: undefined,
    openIssuers: async () => [issuer],
    slots: 1,
    threadsPerJob: availableParallelism(),
    memoryLimitMegabytes: memoryMegabytes,
    memoryMegabytes,
    stallMinutes: 10,
    timeLimitMinutes: 0,
    keepFromSeconds: 0,
    divideFromPoints: 0,
    maxUploadBytes: 1e12,
    log: pino({ level: 'warn', base: null }, pino.destination({ dest: 2, sync: true })),
  })
}

async function submit(client: Client, scene: ExampleScene, signal: AbortSignal): Promise<Job> {
  say(`\n3. Uploading both  [${seconds()}]`)
  const iTwinId = crypto.randomUUID()
  const inputs: { type: 'pointClouds1' | 'pointClouds2'; id: string }[] = []
  for (const [index, type] of (['pointClouds1', 'pointClouds2'] as const).entries()) {
    const displayName = `Demo survey ${index + 1}`
    const data = await client.realityData.create({ displayName, type: 'LAS', iTwinId }, { signal })
    await push(() => client.realityData.writeAccess(data.id, { signal }), scene.epochs[index]!.path, {
      signal,
    })
    inputs.push({ type, id: data.id })
    say(`   reality data ${data.id}`)
  }
  // No options: thresholds come from the spacing of the points.
  const job = await client.jobs.create(
    {
      type: 'changeDetection',
      name: 'Alidade demo',
      iTwinId,
      inputs,
      outputs: ['objects3D', 'exportedLocations3DGeoJSON'],
    },
    { signal },
  )
  return client.jobs.submit(job.id, { signal })
}

async function watch(client: Client, jobId: string, signal: AbortSignal): Promise<Job> {
  const line = progressLine(process.stdout)
  try {
    // A job of seconds on a service of one's own; without the intervals it would poll as the published page asks.
    await client.waitForJob(jobId, { intervalsSeconds: [0.1], onProgress: line.show, signal })
  } finally {
    line.end()
  }
  return client.jobs.get(jobId, { signal })
}

async function tellResults({ path, sceneDir, resultsDir }: DemoFolder, scene: ExampleScene): Promise<void> {
  const locations = join(resultsDir, 'exportedLocations3DGeoJSON', 'exportedLocations3DGeoJSON.geojson')
  const found: { features: FoundChange[] } = JSON.parse(await readFile(locations, 'utf8'))
  // Opened only now, after the job has ended.
  const truth: ExampleTruth = JSON.parse(await readFile(scene.truthPath, 'utf8'))
  for (const row of describeComparison(compareWithTruth(found.features, truth.changes)))
    say(`   ${row}`.trimEnd())

  say(`\nThe files, in ${here(path)}:`)
  const tell = (file: string, meaning: string) => say(`   ${relative(path, file)}\n      ${meaning}`)
  tell(join(sceneDir, 'survey-*.las'), 'the surveys; open both in CloudCompare or QGIS')
  tell(scene.truthPath, 'what is true')
  tell(
    locations,
    'a point for each change, with its volume; drop it on https://geojson.io or open it in QGIS',
  )
  tell(
    join(resultsDir, 'objects3D', 'ContextScene.json'),
    'the boxes around the changes, as iTwin clients read them',
  )
}

/**
 * Requests under way are answered, later ones are not begun. Aborted ones can leave a connection that has carried no
 * request; the HTTP server of Node does not count it as idle, and the service would wait for it before it stops.
 */
function fetchToTheEnd(signal: AbortSignal): typeof fetch {
  return async (input, init) => {
    signal.throwIfAborted()
    return fetch(input, { ...init, signal: null })
  }
}

/** Aborts at the first Ctrl-C or SIGTERM; a later one ends the process at once. */
function abortOnSignal(): AbortSignal {
  const stopping = new AbortController()
  let firstAt: number | undefined
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      // On Ctrl-C both the terminal and npm send the signal: what follows within a second is the same one.
      if (firstAt !== undefined && performance.now() - firstAt > 1000) process.exit(130)
      firstAt ??= performance.now()
      stopping.abort(new Error('interrupted'))
    })
  }
  // Its reader has gone, as in `npm run demo | head`.
  process.stdout.on('error', (error) => stopping.abort(error))
  return stopping.signal
}

async function main(args: string[]): Promise<number> {
  if (args.length > 1 || args[0]?.startsWith('-')) {
    process.stderr.write('Usage: npm run demo [-- FOLDER]   (default: alidade-demo)\n')
    return 2
  }
  const signal = abortOnSignal()
  try {
    return await demo(args[0], signal)
  } catch (error) {
    if (signal.aborted) {
      say('\nInterrupted; the service has stopped.')
      return 130
    }
    const expected = error instanceof ServiceError || error instanceof DemoFolderError
    const text = error instanceof Error && !expected ? error.stack : (error as Error).message
    process.stderr.write(`\nThe demo failed: ${text}\n`)
    return error instanceof DemoFolderError ? 2 : 1
  }
}

process.exitCode = await main(process.argv.slice(2))
