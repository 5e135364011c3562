/**
 * Our numbers beside those of other programs on the same clouds: exact nearest distances, and M3C2.
 *
 *   npm run bench:parity [-- --pair plane,site4,ttp] [--core 2000]
 *
 * Peers are what is installed of scipy (`python3-scipy`) and CloudCompare 2.11 (`cloudcompare`, fed PLY); those that are not
 * there are named and left out. Pairs are from ALIDADE_TEST_DATA (default ../shared/data). Ends with 1 where a distance
 * strays by more than 1e-4 of the unit.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { compareClouds, type M3c2Options, m3c2Distances, type PointArrays } from '@alidade/analysis'
import { openFile, readLasHeader, readXyz } from '@alidade/formats'
import { cloudCompareDistances, isCloudCompareThere, rowsOf } from './cloud-compare.ts'
import { m3c2Names } from './m3c2-names.ts'

const { values } = parseArgs({
  options: {
    pair: { type: 'string', default: 'plane,site4,ttp' },
    core: { type: 'string', default: '2000' },
  },
})
const data = resolve(process.env.ALIDADE_TEST_DATA ?? '../shared/data', 'pointcloud')
const mostAllowed = 1e-4

const pairs: Record<string, { files: [string, string]; m3c2: M3c2Options }> = {
  plane: {
    files: ['change/plane/plane_horizontal_t1.xyz', 'change/plane/plane_horizontal_t2.xyz'],
    m3c2: { normalRadius: 3, projectionRadius: 2, halfLength: 5 },
  },
  site4: {
    files: ['change/site4_epoch1.las', 'change/site4_epoch2.las'],
    m3c2: { normalRadius: 4, projectionRadius: 3, halfLength: 10, registrationError: 0.02 },
  },
  ttp: {
    files: ['epochs-real/TTP_15.laz', 'epochs-real/TTP_23.laz'],
    m3c2: { normalRadius: 4, projectionRadius: 3, halfLength: 15, registrationError: 0.02 },
  },
}

const scipy = spawnSync('python3', ['-c', 'import scipy; print(scipy.__version__)'], { encoding: 'utf8' })
const hasScipy = scipy.status === 0
const hasCloudCompare = isCloudCompareThere()
console.log(hasScipy ? `scipy ${scipy.stdout.trim()}` : 'scipy is not installed: left out')
if (!hasCloudCompare) console.log('CloudCompare is not installed: left out')
for (const [name, command] of [
  ['py4dgeo', ['python3', '-c', 'import py4dgeo']],
  ['PDAL', ['pdal', '--version']],
] as const)
  if (spawnSync(command[0], command.slice(1)).status !== 0) console.log(`${name} is not installed: left out`)
  else console.log(`${name} is installed; it is compared by the names below, not by this program`)

const folder = mkdtempSync(join(tmpdir(), 'alidade-parity-'))
const distanceRows: Row[] = []
const m3c2Rows: Row[] = []
try {
  for (const name of values.pair.split(',')) {
    const pair = pairs[name]
    if (pair === undefined) throw new RangeError(`expected ${Object.keys(pairs).join(', ')}, got ${name}`)
    const paths = pair.files.map((file) => join(data, file))
    if (!paths.every((path) => existsSync(path))) {
      console.log(`${name} is left out: no ${paths[0]}`)
      continue
    }
    const [a, b] = [await readCloud(paths[0]!), await readCloud(paths[1]!)]
    // CloudCompare counts in 32 bits: near the origin they are precise enough for everybody.
    const origin = [a.x[0]!, a.y[0]!, a.z[0]!].map(Math.round)
    for (const cloud of [a, b])
      for (const [axis, column] of [cloud.x, cloud.y, cloud.z].entries())
        for (let i = 0; i < column.length; i++) column[i]! -= origin[axis]!
    store('a', a)
    store('b', b)
    await compareDistances(name, a, b)
    await compareM3c2(name, a, b, pair.m3c2)
  }
} finally {
  rmSync(folder, { recursive: true })
}

printTable('Nearest distances, ours less theirs', distanceRows)
printTable('M3C2 (distance along the normal, and detection at 95 %), ours less theirs', m3c2Rows)
console.log('\nM3C2 parameters and results by their names elsewhere')
console.table(m3c2Names)
console.log(JSON.stringify({ distances: distanceRows, m3c2: m3c2Rows }))
if (distanceRows.some(({ largest }) => !(largest <= mostAllowed))) process.exitCode = 1

interface Row {
  pair: string
  peer: string
  points: number
  largest: number
  percentile99: number
  mean: number
  /** Values that only one of both has. */
  oneSided: number
}

async function compareDistances(pair: string, a: PointArrays, b: PointArrays): Promise<void> {
  const { distanceA } = await compareClouds(a, b, { threads: 2, direction: 'aToB' })
  const ours = Float64Array.from(distanceA)
  if (hasScipy) {
    python('distances', folder)
    distanceRows.push(rowOf(pair, 'scipy cKDTree', ours, load('scipy')))
  }
  if (hasCloudCompare)
    distanceRows.push(rowOf(pair, 'CloudCompare C2C', ours, cloudCompareDistances(folder, a, b)))
}

async function compareM3c2(pair: string, a: PointArrays, b: PointArrays, options: M3c2Options) {
  if (!hasScipy) return
  const stride = Math.max(1, Math.floor(a.x.length / Number(values.core)))
  const every = (column: Float64Array) => column.filter((_, i) => i % stride === 0)
  const core = { x: every(a.x), y: every(a.y), z: every(a.z) }
  store('core', core)
  const { distance, detection } = await m3c2Distances(core, a, b, options)
  const { normalRadius, projectionRadius, halfLength, registrationError = 0 } = options
  python('m3c2', folder, ...[normalRadius, projectionRadius, halfLength, registrationError].map(String))
  const theirs = load('scipy-m3c2')
  m3c2Rows.push(
    rowOf(
      pair,
      'scipy, distance',
      distance,
      theirs.filter((_, i) => i % 2 === 0),
    ),
  )
  m3c2Rows.push(
    rowOf(
      pair,
      'scipy, detection',
      detection,
      theirs.filter((_, i) => i % 2 === 1),
    ),
  )
}

function rowOf(pair: string, peer: string, ours: Float64Array, theirs: Float64Array): Row {
  if (ours.length !== theirs.length)
    throw new Error(`${peer} gave ${theirs.length} values for ${ours.length} points`)
  const differences: number[] = []
  let [oneSided, sum] = [0, 0]
  for (let i = 0; i < ours.length; i++) {
    if (Number.isNaN(ours[i]!) && Number.isNaN(theirs[i]!)) continue
    const difference = Math.abs(ours[i]! - theirs[i]!)
    if (Number.isNaN(difference)) oneSided++
    else {
      differences.push(difference)
      sum += difference
    }
  }
  differences.sort((one, other) => one - other)
  return {
    ...{ pair, peer, points: ours.length },
    largest: differences.at(-1) ?? Number.NaN,
    percentile99: differences[Math.floor(0.99 * (differences.length - 1))] ?? Number.NaN,
    mean: sum / differences.length,
    oneSided,
  }
}

function printTable(title: string, rows: readonly Row[]): void {
  console.log(`\n${title}`)
  const short = (value: number) => value.toExponential(1)
  console.table(
    rows.map(({ largest, percentile99, mean, ...row }) => ({
      ...row,
      largest: short(largest),
      '99 %': short(percentile99),
      mean: short(mean),
    })),
  )
}

function python(...args: string[]): void {
  const run = spawnSync('python3', [join(import.meta.dirname, 'peers.py'), ...args], { encoding: 'utf8' })
  if (run.status !== 0) throw new Error(`python3 failed: ${run.stderr}`)
}

function store(name: string, cloud: PointArrays): void {
  writeFileSync(join(folder, `${name}.f64`), rowsOf(cloud))
}

function load(name: string): Float64Array {
  const bytes = readFileSync(join(folder, `${name}.f64`))
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
}

async function readCloud(path: string): Promise<PointArrays> {
  if (path.endsWith('.xyz')) {
    const rows = readFileSync(path, 'utf8').trim().split('\n')
    const numbers = rows.map((row) => row.trim().split(/\s+/).map(Number))
    const column = (axis: number) => Float64Array.from(numbers, (row) => row[axis]!)
    return { x: column(0), y: column(1), z: column(2) }
  }
  const source = await openFile(path)
  try {
    return await readXyz(source, await readLasHeader(source))
  } finally {
    await source.close()
  }
}
