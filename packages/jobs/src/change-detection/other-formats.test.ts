import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openFile, readLasHeader, readXyz } from '@alidade/formats'
import { expect, test } from 'vitest'
import { runJobType } from '../run-job.fixture.ts'
import type { JobType } from '../job-type.ts'
import { changeDetection } from './change-detection.ts'
import { inspectClouds } from './inspect.ts'
import { inspectedFiles, readCloud, runJob, temporaryFolder } from './run-job.fixture.ts'
import { planChangeDetection } from './step-costs.ts'
import {
  bare,
  corner,
  heap,
  heapVolume,
  side,
  type Surface,
  withHeap,
  writeSurvey,
} from './two-surveys.fixture.ts'

/** Vertices of a grid over the field, a metre apart, with 1 cm of roughness; two triangles for each square. */
function mesh(surface: Surface) {
  const vertices: [number, number, number][] = []
  const triangles: [number, number, number][] = []
  const across = side + 1
  for (let j = 0; j < across; j++)
    for (let i = 0; i < across; i++) {
      const rough = 0.01 * Math.sin(12.9898 * i + 78.233 * j)
      vertices.push([corner.east + i, corner.north + j, surface(i, j) + rough])
      if (i === side || j === side) continue
      const at = j * across + i
      triangles.push([at, at + 1, at + across], [at + 1, at + across + 1, at + across])
    }
  return { vertices, triangles }
}

async function writeObj(folder: string, name: string, surface: Surface): Promise<string> {
  const { vertices, triangles } = mesh(surface)
  const lines = [
    ...vertices.map((place) => `v ${place.map((value) => value.toFixed(4)).join(' ')}`),
    ...triangles.map((corners) => `f ${corners.map((index) => index + 1).join(' ')}`),
  ]
  await writeFile(join(folder, name), `${lines.join('\n')}\n`)
  return join(folder, name)
}

async function writePlyMesh(folder: string, name: string, surface: Surface): Promise<string> {
  const { vertices, triangles } = mesh(surface)
  const head = [
    'ply',
    'format ascii 1.0',
    `element vertex ${vertices.length}`,
    ...['x', 'y', 'z'].map((axis) => `property double ${axis}`),
    `element face ${triangles.length}`,
    'property list uchar int vertex_indices',
    'end_header',
  ]
  const body = [
    ...vertices.map((place) => place.map((value) => value.toFixed(4)).join(' ')),
    ...triangles.map((corners) => `3 ${corners.join(' ')}`),
  ]
  await writeFile(join(folder, name), `${[...head, ...body].join('\n')}\n`)
  return join(folder, name)
}

/** Binary glTF with y up, around an origin of its own. */
async function writeGlb(folder: string, name: string, surface: Surface): Promise<string> {
  const { vertices, triangles } = mesh(surface)
  const positions = Float32Array.from(
    vertices.flatMap(([x, y, z]) => [x - corner.east, z, -(y - corner.north)]),
  )
  const indices = Uint32Array.from(triangles.flat())
  const binary = Buffer.concat([Buffer.from(positions.buffer), Buffer.from(indices.buffer)])
  const json = JSON.stringify({
    asset: { version: '2.0' },
    scenes: [{ nodes: [0] }],
    nodes: [{ mesh: 0 }],
    meshes: [{ primitives: [{ attributes: { POSITION: 0 }, indices: 1 }] }],
    buffers: [{ byteLength: binary.length }],
    bufferViews: [
      { buffer: 0, byteLength: positions.byteLength },
      { buffer: 0, byteOffset: positions.byteLength, byteLength: indices.byteLength },
    ],
    accessors: [
      { bufferView: 0, componentType: 5126, count: vertices.length, type: 'VEC3' },
      { bufferView: 1, componentType: 5125, count: indices.length, type: 'SCALAR' },
    ],
  })
  const text = Buffer.from(json.padEnd(Math.ceil(json.length / 4) * 4))
  const numbers = (...values: number[]) => Buffer.from(Uint32Array.from(values).buffer)
  const total = 12 + 8 + text.length + 8 + binary.length
  const chunks = [numbers(0x46546c67, 2, total, text.length, 0x4e4f534a), text]
  await writeFile(join(folder, name), Buffer.concat([...chunks, numbers(binary.length, 0x004e4942), binary]))
  return join(folder, name)
}

const heapsOf = async (run: { read(output: string, name: string): Promise<Buffer> }) =>
  JSON.parse((await run.read('objects3D', 'ContextScene.json')).toString()).Annotations.Objects3D.Objects

test('an earlier mesh and a later cloud show the heap that came, and the mesh is written out as the points that it was sampled into', async () => {
  const folder = await temporaryFolder()
  const a = await writeObj(folder, 'plan.obj', bare)
  const b = await writeSurvey(folder, 'april.las', withHeap, { seed: 2 })
  const run = await runJobType(changeDetection as JobType, {
    inputs: { meshesA: a, modelB: b },
    outputs: ['objects3D', 'exportedLocations3DGeoJSON', 'segmentedModel3DA'],
    options: { resolution: 0.4 },
  })
  const [feature, ...others] = JSON.parse(
    (await run.read('exportedLocations3DGeoJSON', 'exportedLocations3DGeoJSON.geojson')).toString(),
  ).features
  expect(others).toEqual([])
  expect(feature.properties.label).toBe('appeared')
  expect(Math.abs(feature.properties.volumeCubicMetres / heapVolume - 1)).toBeLessThan(0.1)

  const sampled = await readCloud(run.path('segmentedModel3DA', 'segmentedModel3DA.las'))
  // Two points for each square of the resolution; the ground is a little larger than its plan.
  expect(sampled.header.pointCount / ((2 * side ** 2) / 0.4 ** 2)).toBeGreaterThan(0.98)
  expect(sampled.header.pointCount / ((2 * side ** 2) / 0.4 ** 2)).toBeLessThan(1.1)
  for (let i = 0; i < sampled.x.length; i += 101) {
    const [u, v] = [sampled.x[i]! - corner.east, sampled.y[i]! - corner.north]
    expect(Math.abs(sampled.z[i]! - bare(u, v))).toBeLessThan(0.06)
  }
  const under = sampled.change.filter((number, i) => {
    const away = Math.hypot(sampled.x[i]! - corner.east - heap.x, sampled.y[i]! - corner.north - heap.y)
    return number === 1 && away < heap.radius + 2
  })
  expect(under.length).toBe(sampled.change.filter((number) => number > 0).length)
  expect(under.length).toBeGreaterThan(100)
  const converted = run.steps.filter(({ part }) => part?.startsWith('convert'))
  expect(converted).toEqual([
    {
      step: 'Read_Clouds',
      part: 'convert 1',
      done: converted[0]!.total,
      total: converted[0]!.total,
      unit: 'bytes',
    },
  ])
})

test('two meshes, PLY and OBJ of other names and orders, show the heap alike; GLB is told that its axes were turned', async () => {
  const folder = await temporaryFolder()
  const options = { resolution: 0.5 }
  const [a, b] = [await writePlyMesh(folder, 'a.ply', bare), await writeObj(folder, 'b.OBJ', withHeap)]
  const run = await runJob(a, b, { outputs: ['objects3D'], options })
  expect(Object.keys(await heapsOf(run))).toHaveLength(1)
  expect(run.warnings.map(({ code }) => code)).toEqual(['Crs_Missing', 'Crs_Missing'])

  const [first, second] = [await writeGlb(folder, 'a.glb', bare), await writeGlb(folder, 'b.glb', withHeap)]
  const ofGlb = await runJob(first, second, { outputs: ['objects3D'], options })
  expect(Object.keys(await heapsOf(ofGlb))).toHaveLength(1)
  const notes = ofGlb.warnings.filter(({ code }) => code === 'Format_Converted')
  expect(notes.map(({ params }) => params.slice(0, 2))).toEqual([
    ['a.glb', 'pointClouds1'],
    ['b.glb', 'pointClouds2'],
  ])
})

test('clouds in text and in PLY give what the same points give as LAS', async () => {
  const folder = await temporaryFolder()
  const [a, b] = [
    await writeSurvey(folder, 'a.las', bare, { seed: 1, crs: 'none' }),
    await writeSurvey(folder, 'b.las', withHeap, { seed: 2, crs: 'none' }),
  ]
  const placesOf = async (path: string) => {
    const source = await openFile(path)
    const { x, y, z } = await readXyz(source, await readLasHeader(source))
    await source.close()
    return [...x].map((value, i) => [value, y[i]!, z[i]!].map((one) => one.toFixed(3)).join(' '))
  }
  await writeFile(join(folder, 'a.xyz'), `${(await placesOf(a)).join('\n')}\n`)
  const lines = await placesOf(b)
  const head = `ply\nformat ascii 1.0\nelement vertex ${lines.length}\n${['x', 'y', 'z']
    .map((axis) => `property double ${axis}\n`)
    .join('')}end_header\n`
  await writeFile(join(folder, 'b.ply'), `${head}${lines.join('\n')}\n`)
  const outputs = ['objects3D', 'segmentedModel3DB']
  const wanted = await runJob(a, b, { outputs })
  const run = await runJob(join(folder, 'a.xyz'), join(folder, 'b.ply'), { outputs })
  expect(await heapsOf(run)).toEqual(await heapsOf(wanted))
  const [cloud, las] = [
    await readCloud(run.path('segmentedModel3DB', 'segmentedModel3DB.las')),
    await readCloud(wanted.path('segmentedModel3DB', 'segmentedModel3DB.las')),
  ]
  expect(cloud.change).toEqual(las.change)
  expect(cloud.distance).toEqual(las.distance)
})

test('headers of other formats tell how much there is, and what is wrong is told by the name the file came with', async () => {
  const folder = await temporaryFolder()
  const ply = await writePlyMesh(folder, 'a.ply', bare)
  const obj = await writeObj(folder, 'b.obj', withHeap)
  const [a] = await inspectedFiles(ply)
  const [b] = await inspectedFiles(obj)
  const signal = new AbortController().signal
  const inspection = await inspectClouds({ modelA: [a!], modelB: [b!] }, ['segmentedModel3DA'], signal)
  expect(inspection.faults).toEqual([])
  // A million samples each is what a mesh gives at least, in scratch and in the result.
  expect(inspection.resultBytes).toBeGreaterThan(2 * 30e6 + 36e6)
  expect(inspection.memoryMegabytes).toBeGreaterThan(450)
  const plan = await planChangeDetection({ inputs: { modelA: [a!], modelB: [b!] }, outputs: [], threads: 1 })
  expect(plan.slice(0, 4).map(({ part }) => part)).toEqual(['convert 1', 'convert 2', 'file 1', 'file 2'])
  expect(plan[0]!.total).toBe(2 * (await readFile(ply)).length)
  expect(plan[0]!.secondsEach).toBeGreaterThan(0)

  const cut = join(folder, 'cut.ply')
  await writeFile(cut, (await readFile(ply)).subarray(0, 40_000))
  const [broken] = await inspectedFiles(cut)
  const { faults } = await inspectClouds({ meshesA: [broken!], modelB: [b!] }, [], signal)
  const known = faults.map(({ input, error }) => [input, error.code, ...error.params.slice(0, 2)])
  if (known.length > 0) expect(known).toEqual([['meshesA', 'InputData_Corrupt', 'cut.ply', 'meshes1']])
  const running = runJobType(changeDetection as JobType, {
    inputs: { meshesA: cut, modelB: obj },
    outputs: ['objects3D'],
  })
  await expect(running).rejects.toMatchObject({
    jobMessage: { code: 'InputData_Corrupt', params: ['cut.ply', 'meshes1', expect.any(String)] },
  })
})
