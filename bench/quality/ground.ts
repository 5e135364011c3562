/**
 * How many points the ground filter classes as the reference of the ISPRS test does (Sithole and Vosselman, 2004).
 *
 *   node bench/quality/ground.ts [--sample NAME]...
 *
 * Needs ALIDADE_TEST_DATA (default ../shared/data). Prints for each sample the errors of type I (ground lost), of type II
 * (other things taken for ground), the total error and Cohen's kappa, all in %, and their means.
 */
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { readGroundSample } from './ground-samples.ts'
import { classified } from './run-ground.ts'
import { type GroundScore, scoreGround } from './score-ground.ts'

const { values } = parseArgs({ options: { sample: { type: 'string', multiple: true } } })
const data = join(resolve(process.env.ALIDADE_TEST_DATA ?? '../shared/data'), 'pointcloud')
const samples = values.sample ?? ['11', '12', '21', '22', '31', '41', '51', '54']

const scores: GroundScore[] = []
console.log('sample  type I  type II  total  kappa')
for (const name of samples) {
  const { points, isGround } = await readGroundSample(join(data, `isprs/samp${name}-utm.laz`))
  const score = scoreGround(isGround, await classified(points))
  scores.push(score)
  print(name, score)
}
const mean = (of: (score: GroundScore) => number) => scores.reduce((sum, s) => sum + of(s), 0) / scores.length
print('mean', {
  typeOne: mean((s) => s.typeOne),
  typeTwo: mean((s) => s.typeTwo),
  total: mean((s) => s.total),
  kappa: mean((s) => s.kappa),
})

function print(name: string, { typeOne, typeTwo, total, kappa }: GroundScore): void {
  const column = (value: number, width: number) => (100 * value).toFixed(2).padStart(width)
  console.log(
    `${name.padEnd(6)}${column(typeOne, 8)}${column(typeTwo, 9)}${column(total, 7)}${column(kappa, 7)}`,
  )
}
