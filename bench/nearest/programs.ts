/** What is measured by `nearest-distances.ts`: ourselves, CloudCompare, scipy, and a plain copy in memory. */
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { environment, isCloudCompareThere } from '../parity/cloud-compare.ts'

/** `coreMilliseconds`: of all cores together, user and system. */
export type Measurement = { milliseconds: number; coreMilliseconds: number; peakMegabytes: number }
export type Program = { name: string; measure: () => Promise<Measurement> | Measurement }

const ourselves = join(import.meta.dirname, 'measure.ts')
const peers = join(import.meta.dirname, '../parity/peers.py')

/** `folder` has the pair; see `files.ts`. */
export function programsFor(folder: string, threads: number): Program[] {
  const own = (name: string, work: string): Program => ({
    name,
    measure: () =>
      told(
        process.execPath,
        [ourselves, folder, work, String(threads)],
        // Compiled once, as an installed package is: types are not stripped anew by every thread.
        { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') },
      ),
  })
  return [
    own('alidade, one direction', 'aToB'),
    own('the same, fifth call', 'later'),
    own('alidade, both directions', 'both'),
    ...cloudCompare(folder, threads),
    ...scipy(folder, threads),
    own('copy in memory', 'copy'),
  ]
}

function told(command: string, args: string[], env = process.env): Measurement {
  const child = spawnSync(command, args, { encoding: 'utf8', env })
  if (child.status !== 0) throw new Error(`${command} failed: ${child.stderr}`)
  return JSON.parse(child.stdout) as Measurement
}

function scipy(folder: string, threads: number): Program[] {
  if (spawnSync('python3', ['-c', 'import scipy']).status !== 0) {
    console.log('scipy is not installed: measured without it')
    return []
  }
  const measure = () => told('python3', [peers, 'distances', folder, String(threads)])
  return [{ name: 'scipy cKDTree', measure }]
}

function cloudCompare(folder: string, threads: number): Program[] {
  if (!isCloudCompareThere()) {
    console.log('CloudCompare is not installed: measured without it')
    return []
  }
  const measure = async () => {
    const loading = await runCloudCompare(folder, [])
    const all = await runCloudCompare(folder, ['-C2C_DIST', '-MAX_TCOUNT', String(threads)])
    const seconds = [...all.output.matchAll(/Distances\] Time: ([\d.]+) s/g)].map((found) => Number(found[1]))
    if (seconds.length !== 2)
      throw new Error(`CloudCompare did not tell its times: ${all.output.slice(-500)}`)
    return {
      milliseconds: 1000 * (seconds[0]! + seconds[1]!),
      // It tells no such time itself: what reading the files alone takes is taken away.
      coreMilliseconds: all.coreMilliseconds - loading.coreMilliseconds,
      peakMegabytes: all.peakMegabytes,
    }
  }
  return [{ name: 'CloudCompare', measure }]
}

async function runCloudCompare(folder: string, work: readonly string[]) {
  const files = ['-O', join(folder, '0.ply'), '-O', join(folder, '1.ply')]
  const child = spawn('CloudCompare', ['-SILENT', '-AUTO_SAVE', 'OFF', ...files, ...work], {
    env: environment,
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.resume()
  let [peakMegabytes, coreMilliseconds] = [0, 0]
  const watch = setInterval(() => {
    try {
      const [status, stat] = ['status', 'stat'].map((name) =>
        readFileSync(`/proc/${child.pid}/${name}`, 'utf8'),
      )
      peakMegabytes = Number(/VmHWM:\s+(\d+)/.exec(status!)?.[1] ?? 0) / 1024 || peakMegabytes
      // User and system time are the 14th and 15th field, in hundredths of a second; the second one is the name in brackets.
      const fields = stat!.slice(stat!.lastIndexOf(')') + 2).split(' ')
      coreMilliseconds = 10 * (Number(fields[11]) + Number(fields[12])) || coreMilliseconds
    } catch {
      // The process has just ended; what was read before stands.
    }
  }, 10)
  await new Promise((done) => child.on('close', done))
  clearInterval(watch)
  return { output, peakMegabytes, coreMilliseconds }
}
