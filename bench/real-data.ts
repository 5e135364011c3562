/**
 * Change detection on real surveys, to the end: through the HTTP API of a started service and by `alidade run`.
 *
 *   node bench/real-data.ts [--rounds 3] [--pair site4|ttp|halves|tiles]
 *
 * Needs ALIDADE_TEST_DATA (default ../shared/data). Prints for each pair seconds (median of the rounds) and the peak
 * resident memory of the runner, and what was found. `api` counts from submission to the end as a client sees it that
 * asks every 50 ms, uploads not included; `run` is the whole command, start of Node included.
 */
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { alidadeBin, startServiceProcess } from '../test/e2e/service-process.ts'
import { clientOf, resultFiles, uploadSurveys } from '../test/e2e/survey-job.ts'
import { autzenHalves } from './autzen-halves.ts'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, pair: { type: 'string', multiple: true } },
})
const data = resolve(process.env.ALIDADE_TEST_DATA ?? '../shared/data')
const folder = await mkdtemp(join(tmpdir(), 'alidade-real-data-'))
const rounds = Number(values.rounds)

const pairs: Record<string, () => Promise<[string, string]>> = {
  site4: async () => [
    join(data, 'pointcloud/change/site4_epoch1.las'),
    join(data, 'pointcloud/change/site4_epoch2.las'),
  ],
  ttp: async () => [
    join(data, 'pointcloud/epochs-real/TTP_15.laz'),
    join(data, 'pointcloud/epochs-real/TTP_23.laz'),
  ],
  halves: () => autzenHalves(data, folder),
  tiles: async () => [
    join(data, 'pointcloud/perf/autzen-tile1-ft.laz'),
    join(data, 'pointcloud/perf/autzen-tile2-ft.laz'),
  ],
}
/** The Autzen files carry no CRS, without which there is no GeoJSON. */
const withCrs = new Set(['site4', 'ttp'])

const service = await startServiceProcess()
const client = await clientOf(service, '--expires', '7d')
try {
  for (const name of values.pair ?? Object.keys(pairs)) {
    const paths = await pairs[name]!()
    const outputs = withCrs.has(name) ? ['objects3D', 'exportedLocations3DGeoJSON'] : ['objects3D']
    const iTwinId = randomUUID()
    const inputs = await uploadSurveys(client, iTwinId, paths)
    const seconds: Record<'api' | 'run', number[]> = { api: [], run: [] }
    const peaks: Record<'api' | 'run', number> = { api: 0, run: 0 }
    let found = 0
    for (let round = 0; round < rounds; round++) {
      const job = await client.jobs.create({
        type: 'changeDetection',
        name,
        iTwinId,
        inputs: inputs.map((id, i) => ({ type: `pointClouds${i + 1}`, id })),
        outputs,
      })
      const began = performance.now()
      await client.jobs.submit(job.id)
      const end = await client.waitForJob(job.id, { intervalsSeconds: [0.05] })
      seconds.api.push((performance.now() - began) / 1000)
      if (end.state !== 'success')
        throw new Error(`${name}: ${JSON.stringify(await client.jobs.get(job.id))}`)
      const logged = service
        .log()
        .split('\n')
        .findLast((line) => line.includes('peakMegabytes'))
      peaks.api = Math.max(peaks.api, JSON.parse(logged ?? '{"peakMegabytes":0}').peakMegabytes)
      const scene = JSON.parse(String((await resultFiles(client, job.id)).get('objects3D/ContextScene.json')))
      found = Object.keys(scene.Annotations.Objects3D.Objects).length

      const out = join(folder, `${name}-${round}`)
      const args = [alidadeBin, 'run', 'changeDetection', '--out', out, '--output', outputs.join(',')]
      for (const [i, path] of paths.entries()) args.push('--input', `pointClouds${i + 1}=${path}`)
      const beganRun = performance.now()
      await promisify(execFile)(process.execPath, args)
      seconds.run.push((performance.now() - beganRun) / 1000)
      const summary = JSON.parse(await readFile(join(out, 'summary.json'), 'utf8'))
      peaks.run = Math.max(peaks.run, summary.peakMegabytes)
    }
    const median = (list: number[]) => list.sort((a, b) => a - b)[list.length >> 1]!.toFixed(2)
    console.log(
      `${name}: api ${median(seconds.api)} s, ${peaks.api} MB; run ${median(seconds.run)} s, ${peaks.run} MB; ${found} changes`,
    )
  }
} finally {
  await service.remove()
  await rm(folder, { recursive: true, force: true })
}
