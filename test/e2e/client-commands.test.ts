// The commands that talk to a service, as they are started from a shell, against a service as it is started from one.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CountingProxy, startCountingProxy } from '../../packages/client/src/testing/counting-proxy.ts'
import { detectorArchive } from '../../packages/jobs/src/detector/detector.fixture.ts'
import { type CommandResult, runCommand } from '../../packages/server/src/cli/command.fixture.ts'
import { alidadeBin, type ServiceProcess, startServiceProcess } from './service-process.ts'
import { type TwoEpochs, writeTwoEpochs } from './two-epochs.ts'

/** Many processes, one after the other: seconds on a machine of its own. */
const busy = { timeout: 120_000 }
const iTwinId = 'c4b0d1de-29b7-4e5b-8f0e-0f3a3c9a1a11'
let folder: string
let proxy: CountingProxy
let service: ServiceProcess
let epochs: TwoEpochs
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alidade-commands-'))
  proxy = await startCountingProxy()
  service = await startServiceProcess('--public-url', proxy.url)
  proxy.target = service.url
  await mkdir(join(folder, 'surveys'))
  epochs = await writeTwoEpochs(join(folder, 'surveys'), 20_000, 60)
})
afterAll(async () => {
  await service.remove()
  await proxy[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

/** With a token of the service's data folder unless another environment is given. */
const environment = (env: Record<string, string>) => ({
  ALIDADE_URL: proxy.url,
  ALIDADE_DATA_DIR: service.dataDir,
  ALIDADE_ITWIN: iTwinId,
  XDG_STATE_HOME: join(folder, 'state'),
  ...env,
})

/** In a process of its own. */
function start(...args: string[]): ChildProcess {
  const env = { PATH: process.env.PATH, ...environment({}) }
  return spawn(process.execPath, [alidadeBin, ...args], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function ended(child: ChildProcess): Promise<CommandResult> {
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text
    })
  }
  const exitCode = await new Promise<number | null>((done) => child.once('close', done))
  return { exitCode: exitCode!, ...texts }
}

/** In this process, which is quicker by the start of one. */
const alidade = (...args: string[]) => runCommand(args, { cwd: folder, env: environment({}) })
const lines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

async function until(child: ChildProcess, stream: 'stdout' | 'stderr', pattern: RegExp): Promise<string> {
  let text = ''
  return new Promise((resolve, reject) => {
    child[stream]!.setEncoding('utf8').on('data', (more: string) => {
      text += more
      if (pattern.test(text)) resolve(text)
    })
    child.once('close', () => reject(new Error(`ended without ${pattern}: ${text}`)))
  })
}

test('files of this machine are pushed, compared, watched and the results pulled', busy, async () => {
  const [march, april] = epochs.paths
  const submitting = start(
    ...['submit', 'changeDetection', '--name', 'March to April'],
    ...['--input', `pointClouds1=${march}`, '--input', `pointClouds2=${april}`],
    ...['--output', 'objects3D,exportedLocations3DGeoJSON', '--option', 'minPoints=30'],
    ...['--watch', '--every', '0.2', '--json'],
  )
  const submitted = await ended(submitting)
  expect(submitted.exitCode, submitted.stderr).toBe(0)
  const [{ job }, ...changes] = lines(submitted.stdout)
  expect(job).toMatchObject({ type: 'changeDetection', name: 'March to April', iTwinId, state: 'active' })
  expect(changes.at(-1)).toEqual({ id: job.id, percentage: 100, state: 'success', step: 'Write_Results' })
  expect(submitted.stderr).toMatch(/Input pointClouds1 goes into the new reality data [0-9a-f-]{36}\./)

  const out = join(folder, 'changes')
  const pulled = await alidade('pull', '--job', job.id, '--out', out, '--json')
  expect(pulled.exitCode, pulled.stderr).toBe(0)
  const [{ outputs }] = lines(pulled.stdout)
  expect(outputs).toMatchObject([
    { name: 'objects3D', path: join(out, 'objects3D'), files: [{ name: 'ContextScene.json' }] },
    { name: 'exportedLocations3DGeoJSON', files: [{ name: 'exportedLocations3DGeoJSON.geojson' }] },
  ])
  const found = await readFile(
    join(out, 'exportedLocations3DGeoJSON/exportedLocations3DGeoJSON.geojson'),
    'utf8',
  )
  expect(JSON.parse(found).features).toHaveLength(2)

  // The surveys are there now, and one more job needs their ids alone; its iTwin is theirs.
  const inputs = job.inputs.flatMap(({ type, id }: { type: string; id: string }) => [
    '--input',
    `${type}=${id}`,
  ])
  const more = [
    'submit',
    'changeDetection',
    ...inputs,
    '--output',
    'objects3D',
    '--option',
    'registration=rigid',
  ]
  const again = await runCommand(more, { cwd: folder, env: environment({ ALIDADE_ITWIN: '' }) })
  expect(again.exitCode, again.stderr).toBe(0)
  const secondId = again.stdout.trim()
  const watched = await alidade('watch', secondId, '--every', '0.2')
  expect(watched.exitCode, watched.stderr).toBe(0)
  expect(watched.stdout).toMatch(/^objects3D {2}[0-9a-f-]{36}\n$/)
  expect(watched.stderr).toContain('100 %  success  Write_Results\n')
  const [{ warnings }] = lines((await alidade('logs', secondId, '--json')).stdout)
  expect(warnings.map(({ code }: { code: string }) => code)).toEqual(['Registration_Unneeded'])

  const listed = await alidade(
    'ps',
    '--type',
    'changeDetection',
    '--filter',
    "name eq 'March to April'",
    '--json',
  )
  expect(lines(listed.stdout).map(({ id }) => id)).toEqual([job.id])
  const table = await alidade('ps', '--state', 'success', '--top', '1')
  expect(table.stdout.split('\n').map((line) => line.split(/ {2,}/))).toMatchObject([
    ['ID', 'STATE', 'PROGRESS', 'TYPE', 'CREATED', 'NAME'],
    [secondId, 'success', 'changeDetection', expect.any(String), 'changeDetection'],
    [''],
  ])
})

test('names of v2 make a job of v2, and the commands find it by its id', busy, async () => {
  const [march, april] = epochs.paths
  const submitted = await alidade(
    ...['submit', 'ChangeDetection', '--name', 'By v2', '--input', `model3DA=${march}`],
    ...['--input', `model3DB=${april}`, '--output', 'segmentedModel3DB,segmentation3DB,locations3DA'],
    ...['--option', 'minPointsPerChange=30', '--watch', '--every', '0.2', '--json'],
  )
  expect(submitted.exitCode, submitted.stderr).toBe(0)
  const [{ job }, ...changes] = lines(submitted.stdout)
  expect(job).toMatchObject({
    type: 'ChangeDetection',
    specifications: { options: { minPointsPerChange: 30 } },
  })
  expect(changes.at(-1)).toEqual({ id: job.id, percentage: 100, state: 'Success' })
  const logs = await alidade('logs', job.id, '--json')
  expect(lines(logs.stdout)).toEqual([{ id: job.id, state: 'Success', errors: [], warnings: [] }])
  const pulled = await alidade('pull', '--job', job.id, '--out', 'by-v2')
  expect(pulled.stdout).toContain(join(folder, 'by-v2', 'segmentedModel3DB', 'segmentedModel3DB.las'))
  const scene = JSON.parse(
    await readFile(join(folder, 'by-v2', 'segmentation3DB', 'ContextScene.json'), 'utf8'),
  )
  expect(scene.Annotations.Segmentation3D.Path).toBe('0:segmentedModel3DB.las')
  expect(scene.References['0'].Path).toBe(`rds:${job.specifications.outputs.segmentedModel3DB}`)
  const listed = await alidade('ps', '--v2', '--top', '1')
  expect(listed.stdout).toMatch(new RegExp(`^${job.id} {2}Success {2,}ChangeDetection .* By v2$`, 'm'))
  const ended = await alidade('cancel', job.id)
  expect(ended).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('cannot be cancelled') })
})

test(
  'a push that is killed goes on with --to, and sends again no more than was on its way',
  busy,
  async () => {
    const path = join(folder, 'large.bin')
    const content = randomBytes(48e6)
    await writeFile(path, content)
    const before = proxy.fromClients.bytes
    proxy.fromClients.deadAfterBytes = before + 40e6
    const first = start('push', path, '--name', 'Large')
    const told = await until(first, 'stderr', /^ [3-5]\d %/m)
    first.kill('SIGKILL')
    proxy.fromClients.deadAfterBytes = Number.POSITIVE_INFINITY
    const [, id] = /--to ([0-9a-f-]{36})\n/.exec(told)!
    const { exitCode, stdout, stderr } = await alidade('push', path, '--to', id!, '--json')
    expect(exitCode, stderr).toBe(0)
    const [pushed] = lines(stdout)
    expect(pushed).toEqual({
      id,
      files: [{ name: 'large.bin', sizeBytes: 48e6 }],
      sentBytes: expect.any(Number),
      seconds: expect.any(Number),
    })
    expect(pushed.sentBytes).toBeLessThan(0.7 * 48e6)
    const onItsWay = 4 * 4 * 2 ** 20
    expect(proxy.fromClients.bytes - before).toBeLessThan(48e6 + onItsWay + 1e6)
    // What it remembered is gone with the end.
    expect(await readdir(join(folder, 'state', 'alidade'))).toEqual([])

    const pulled = await alidade('pull', id!, '--out', 'pulled')
    expect(pulled.exitCode, pulled.stderr).toBe(0)
    expect(pulled.stdout).toBe(`${join(folder, 'pulled', 'large.bin')}\n`)
    expect((await readFile(join(folder, 'pulled', 'large.bin'))).equals(content)).toBe(true)
    const again = await alidade('pull', id!, '--out', 'pulled', '--json')
    expect(lines(again.stdout)[0].outputs[0].receivedBytes).toBe(0)
  },
)

test('Ctrl-C ends a push and a pull with 130 and says how to go on', busy, async () => {
  const path = join(folder, 'interrupted.bin')
  await writeFile(path, randomBytes(32e6))
  proxy.fromClients.deadAfterBytes = proxy.fromClients.bytes + 24e6
  const push = start('push', path)
  const told = until(push, 'stderr', /^ [1-4]\d %/m).then(() => push.kill('SIGINT'))
  const pushed = await ended(push)
  await told
  proxy.fromClients.deadAfterBytes = Number.POSITIVE_INFINITY
  expect(pushed.exitCode, pushed.stderr).toBe(130)
  const [, id] = /^Not done\. To go on: alidade push \S+ --to (\S+)$/m.exec(pushed.stderr)!
  expect(pushed.stdout).toBe('')
  expect((await alidade('push', path, '--to', id!)).exitCode).toBe(0)

  proxy.toClients.deadAfterBytes = proxy.toClients.bytes + 24e6
  const pull = start('pull', id!, '--out', 'half')
  const asked = until(pull, 'stderr', /^ [1-4]\d %/m).then(() => pull.kill('SIGINT'))
  const pulled = await ended(pull)
  await asked
  proxy.toClients.deadAfterBytes = Number.POSITIVE_INFINITY
  expect(pulled.exitCode, pulled.stderr).toBe(130)
  expect(pulled.stderr).toContain(`Not done. To go on: alidade pull ${id} --out ${join(folder, 'half')}\n`)
  expect(existsSync(join(folder, 'half', 'interrupted.bin'))).toBe(false)
})

test(
  'what the service refuses ends with 1 and says why; the job that could not start is not left behind',
  busy,
  async () => {
    const broken = join(folder, 'broken.las')
    await writeFile(broken, 'no survey')
    const refused = await alidade(
      ...['submit', 'changeDetection', '--name', 'Refused', '--output', 'objects3D'],
      ...['--input', `pointClouds1=${broken}`, '--input', `pointClouds2=${epochs.paths[1]}`],
    )
    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toMatch(/^alidade submit: .*\n? *.*broken\.las/m)
    expect(refused.stderr).not.toMatch(/^ +at /m)
    expect((await alidade('ps', '--filter', "name eq 'Refused'", '--json')).stdout).toBe('')

    const unknown = await alidade('watch', iTwinId)
    expect(unknown).toMatchObject({
      exitCode: 1,
      stderr: 'alidade watch: Requested job is not available.\n',
    })
    const forged = await runCommand(['ps'], { cwd: folder, env: environment({ ALIDADE_TOKEN: 'x.y.z' }) })
    expect(forged.exitCode).toBe(1)
    expect(forged.stderr).not.toContain('x.y.z')
    const nobody = await startCountingProxy()
    await nobody[Symbol.asyncDispose]()
    const unanswered = await runCommand(['ps'], {
      cwd: folder,
      env: environment({ ALIDADE_URL: nobody.url }),
    })
    expect(unanswered.exitCode).toBe(1)
    expect(unanswered.stderr).toContain('ECONNREFUSED')
  },
)

test('a job under way is listed with its progress, cancelled, and its watcher told', busy, async () => {
  const large = join(folder, 'large')
  await mkdir(large)
  const { paths } = await writeTwoEpochs(large, 250_000, 150)
  const { stdout, stderr } = await alidade(
    ...['submit', 'changeDetection', '--output', 'objects3D,exportedLocations3DGeoJSON'],
    ...['--input', `pointClouds1=${paths[0]}`, '--input', `pointClouds2=${paths[1]}`],
  )
  const id = stdout.trim()
  expect(id, stderr).toMatch(/^[0-9a-f-]{36}$/)
  const watching = start('watch', id, '--every', '0.2', '--json')
  const ending = ended(watching)
  await until(watching, 'stdout', /"active"/)
  const cancelled = await alidade('cancel', id)
  expect(cancelled).toMatchObject({ exitCode: 0, stdout: `${id}  cancelled\n` })
  const { exitCode, stdout: told } = await ending
  expect(exitCode).toBe(1)
  expect(lines(told).at(-1)).toMatchObject({ id, state: 'cancelled' })
  const logs = await alidade('logs', id, '--json')
  expect(lines(logs.stdout)).toEqual([{ id, state: 'cancelled', errors: [], warnings: [] }])
})

test('a detector is uploaded, looked into, published, listed and deleted', busy, async () => {
  const file = join(folder, 'cracks.zip')
  await writeFile(file, 'no archive')
  const push = [
    'detectors',
    'push',
    '@acme/cracks',
    file,
    '--version',
    '1.0',
    '--label',
    'crack',
    '--export',
    'Lines',
  ]
  const untyped = await alidade(...push)
  expect(untyped).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('expected --type') })
  const refused = await alidade(...push, '--type', 'PhotoSegmentationDetector', '--display-name', 'Cracks')
  expect(refused.exitCode).toBe(1)
  expect(refused.stderr).toMatch(/Cannot complete detector version\.\n {2}byte 0: expected a zip archive/)

  // The version awaits its file since, and takes another.
  await writeFile(file, detectorArchive())
  const pushed = await alidade(...push, '--publish', '--json')
  expect(pushed.exitCode, pushed.stderr).toBe(0)
  const version = {
    versionNumber: '1.0',
    status: 'Ready',
    capabilities: { labels: ['crack'], exports: ['Lines'] },
  }
  const [detector] = lines(pushed.stdout)
  expect(detector).toMatchObject({ name: '@acme/cracks', displayName: 'Cracks', versions: [version] })
  expect(pushed.stdout).not.toContain('sig=')
  expect((await alidade(...push)).stderr).toContain(
    "Version '1.0' of detector '@acme/cracks' already exists.",
  )

  const listed = await alidade('detectors', '--filter', "labels in ('crack')", '--json')
  expect(lines(listed.stdout)).toMatchObject([{ name: '@acme/cracks', latestVersion: '1.0' }])
  expect((await alidade('detectors', 'unpublish', '@acme/cracks', '1.0')).stdout).toBe(
    'unpublished @acme/cracks 1.0\n',
  )
  expect((await alidade('detectors', 'delete', '@acme/cracks', '--json')).stdout).toBe(
    '{"name":"@acme/cracks"}\n',
  )
  const left = await alidade('detectors', '--filter', "labels in ('crack')")
  expect(left.stdout).toBe('No detectors.\n')
  const gone = await alidade('detectors', 'show', '@acme/cracks')
  expect(gone).toMatchObject({
    exitCode: 1,
    stderr: 'alidade detectors: Requested detector is not available.\n',
  })
})
