/** Measures ourselves, or a copy in memory, in this process: `node measure.ts FOLDER aToB|later|both|copy THREADS`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compareClouds } from '../../packages/analysis/src/compare-clouds.ts'
import { loadCloud } from './files.ts'
import type { Measurement } from './programs.ts'

const [folder, work, threads] = process.argv.slice(2) as [string, string, string]
const [a, b] = [loadCloud(folder, 0), loadCloud(folder, 1)]
const direction = work === 'both' ? 'both' : 'aToB'
const compare = () => compareClouds(a, b, { threads: Number(threads), direction })
// By then all of it is compiled that is worth it.
if (work === 'later') for (let call = 1; call <= 4; call++) await compare()
const before = process.cpuUsage()
const start = performance.now()
let distances: Float32Array | undefined
if (work === 'copy')
  for (const cloud of [a, b]) for (const axis of ['x', 'y', 'z'] as const) cloud[axis].slice()
else distances = (await compare()).distanceA
const milliseconds = performance.now() - start
const { user, system } = process.cpuUsage(before)
const peakMegabytes = process.resourceUsage().maxRSS / 1024
if (distances !== undefined) writeFileSync(join(folder, 'alidade.f64'), Float64Array.from(distances))
const measurement: Measurement = { milliseconds, coreMilliseconds: (user + system) / 1000, peakMegabytes }
console.log(JSON.stringify(measurement))
