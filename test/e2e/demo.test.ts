// The demo as a person runs it: `npm run demo`, in a process group of its own, so that Ctrl-C can be sent as a
// terminal does.
import { type ChildProcess, spawn } from 'node:child_process'
import { access, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** One start makes a database, which a machine with other work may take half a minute for. */
const patienceMs = 180_000

let parent: string
let folder: string

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'alidade-demo-'))
  folder = join(parent, 'alidade-demo')
})
afterAll(() => rm(parent, { recursive: true, force: true }))

interface DemoProcess {
  child: ChildProcess
  printed(): string
  ended: Promise<{ code: number | NodeJS.Signals | null; stdout: string; stderr: string; seconds: number }>
}

function startDemo(): DemoProcess {
  const began = performance.now()
  const child = spawn('npm', ['run', 'demo', '--', folder], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const text = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.setEncoding('utf8').on('data', (part: string) => {
      text[name] += part
    })
  }
  const ended = new Promise<Awaited<DemoProcess['ended']>>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      resolve({ code: code ?? signal, ...text, seconds: (performance.now() - began) / 1000 })
    })
  })
  return { child, printed: () => text.stdout, ended }
}

/** Resolves when the demo has printed something like this; rejects when it ends without. */
async function untilPrinted({ child, printed, ended }: DemoProcess, pattern: RegExp): Promise<void> {
  const seen = new Promise<void>((resolve) => {
    const look = () => pattern.test(printed()) && resolve()
    child.stdout!.on('data', look)
    look()
  })
  const missed = ended.then(({ stdout, stderr }) => {
    if (!pattern.test(stdout)) throw new Error(`the demo ended without ${pattern}:\n${stdout}\n${stderr}`)
  })
  await Promise.race([seen, missed])
}

function groupIsAlive(pid: number): boolean {
  try {
    process.kill(-pid, 0)
    return true
  } catch {
    return false
  }
}

test('Ctrl-C while the job runs stops everything at once', { timeout: patienceMs }, async () => {
  const demo = startDemo()
  await untilPrinted(demo, /% {2}active {2}(Prepare|Read|Compare)_\w+\n/)
  const interruptedAt = performance.now()
  process.kill(-demo.child.pid!, 'SIGINT')
  const { code, stdout, stderr } = await demo.ended
  const seconds = (performance.now() - interruptedAt) / 1000
  // npm ends by the signal itself when the shell between it and the demo does; else it passes on the demo's 130.
  expect([130, 'SIGINT'], stderr).toContain(code)
  expect(seconds).toBeLessThan(10)
  expect(stdout).toContain('Interrupted; the service has stopped.')
  expect(stderr).not.toMatch(/failed|\bat .*\.ts:/)
  expect(groupIsAlive(demo.child.pid!)).toBe(false)
  // The database was closed, not left to the next start to recover.
  await expect(access(join(folder, 'data', 'database.lock'))).rejects.toThrow('ENOENT')
})

test('npm run demo uploads, watches, finds what is true, and ends', { timeout: patienceMs }, async () => {
  // In the folder that the interrupted one left.
  const demo = startDemo()
  const { code, stdout, stderr, seconds } = await demo.ended
  console.log(`npm run demo took ${seconds.toFixed(1)} s`)
  expect(code, stdout + stderr).toBe(0)
  // Twice what it may take, because other tests run beside it; the line above tells what it took.
  expect(seconds).toBeLessThan(120)
  expect(groupIsAlive(demo.child.pid!)).toBe(false)

  expect(stdout).toMatch(/GET http:\/\/127\.0\.0\.1:\d+\/realitydataanalysis\/jobs\/[\da-f-]{36}\/progress\n/)
  const lines = [...stdout.matchAll(/^ {3}\[[#.]{30}\] +(\d+) % {2}(\w+) {2}(\w*)$/gm)]
  const percentages = lines.map(([, percentage]) => Number(percentage))
  expect(percentages.length).toBeGreaterThan(3)
  expect(percentages).toEqual(percentages.toSorted((a, b) => a - b))
  for (const [line, percentage, state] of lines) expect(percentage === '100', line).toBe(state === 'success')
  expect(percentages.at(-1)).toBe(100)
  const steps = new Set(lines.map(([, , , step]) => step))
  expect(steps).toContain('Compare_Clouds')

  for (const [what, kind] of [
    ['truck that left', 'disappeared'],
    ['heap that grew', 'appeared'],
  ]) {
    const row = new RegExp(`^ {3}${what} +${kind} +([\\d.]+) ± [\\d.]+ m³ +([\\d.]+) m³ .* ([\\d.]+) m$`, 'm')
    const [, found, truth, away] = row.exec(stdout) ?? []
    expect(Math.abs(Number(found) / Number(truth) - 1), `volume of the ${what}`).toBeLessThan(0.15)
    expect(Number(away), `place of the ${what}`).toBeLessThan(0.5)
  }
  expect(stdout).toContain('Missed: nothing.')
  expect(stdout).toContain('Found but not true: nothing.')
})

test('what the demo says it left is there, and is what its table was made of', {
  timeout: patienceMs,
}, async () => {
  const results = join(folder, 'results')
  const locations = join(results, 'exportedLocations3DGeoJSON', 'exportedLocations3DGeoJSON.geojson')
  const { features } = JSON.parse(await readFile(locations, 'utf8'))
  const scene = JSON.parse(await readFile(join(results, 'objects3D', 'ContextScene.json'), 'utf8'))
  expect(features).toHaveLength(4)
  expect(Object.keys(scene.Annotations.Objects3D.Objects)).toHaveLength(4)
  for (const name of ['survey-1.las', 'survey-2.las', 'truth.json']) await access(join(folder, 'scene', name))
})
