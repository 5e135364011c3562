// A divided run writes the bytes of an undivided one whatever was asked for, and of files of any format.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { movePoints, type RigidMotion, rotationBy } from '@alidade/analysis'
import { writeLasPoints } from '@alidade/formats'
import { expect, test } from 'vitest'
import type { JobType, Tile } from '../job-type.ts'
import { divided } from '../run-divided.fixture.ts'
import { type JobToRun, runJobType, temporaryFolder } from '../run-job.fixture.ts'
import { changeDetection } from './change-detection.ts'
import { corner, randomNumbers } from './two-surveys.fixture.ts'

/** A strip that is longer than what a tile knows around it: halos are 28 m wide. */
const [length, width, density] = [90, 16, 3]
const pointCount = density * length * width

const rolling = (u: number, v: number) => 100 + 1.2 * Math.sin(u / 5) * Math.cos(v / 3)
const isInCrate = (u: number, v: number) => Math.abs(u - 45) < 4 && Math.abs(v - 9) < 3
/** Where tiles meet: 4 of them in quarters of the length. */
const isPainted = (u: number, v: number) => Math.abs(u - 23) < 3 && Math.abs(v - 8) < 3

interface Survey {
  x: Float64Array
  y: Float64Array
  z: Float64Array
  rgb: number[]
}

/** The later one has a crate, a square that was painted, and its colours in 8 bits where the earlier one has 16. */
function survey(epoch: 0 | 1, east = 0): Survey {
  const random = randomNumbers(71 + epoch)
  const column = () => new Float64Array(pointCount)
  const { x, y, z, rgb }: Survey = { x: column(), y: column(), z: column(), rgb: [] }
  for (let i = 0; i < pointCount; i++) {
    // So many of all colours in one place that each is compared with some of them.
    const isCrowded = i > 0 && i <= 150
    const [u, v] = isCrowded ? [23 + random(), 8 + random()] : [length * random(), width * random()]
    x[i] = corner.east + u + epoch * east
    y[i] = corner.north + v
    z[i] = rolling(u, v) + (epoch === 1 && isInCrate(u, v) ? 2 : 0) + 0.02 * (random() - 0.5)
    const red = epoch === 1 && isPainted(u, v) ? 210 : 90
    const scatter = isCrowded ? 100 : 8
    rgb.push(
      ...[red, 120, 70].map((value) =>
        Math.round(Math.min(255, value + scatter * random()) * (epoch === 0 ? 257 : 1)),
      ),
    )
  }
  // High above, nearer to each other than to the ground, and beyond what their tiles know of each other.
  x[0] = corner.east + (epoch === 0 ? 4 : 86)
  z[0] = 400
  return { x, y, z, rgb }
}

async function asLas(folder: string, name: string, points: Survey): Promise<string> {
  const path = join(folder, name)
  await writeLasPoints(path, points, { crs: { epsg: 32632 }, createdAt: new Date(0) })
  return path
}

const outputs = ['objects3D', 'exportedLocations3DGeoJSON', 'segmentedModel3DA', 'segmentedModel3DB']
const type = changeDetection as JobType
/** Two runs, on a machine that may have other work. */
const patienceMs = 120_000

/** Both runs; the labels of their changes, and their warnings. */
async function expectEqual(
  job: Pick<JobToRun, 'inputs' | 'options'>,
  { tiles: wanted, labels, warnings }: { tiles: number; labels: string[]; warnings: string[] },
  wantedOutputs = outputs,
): Promise<void> {
  const whole = await runJobType(type, { ...job, outputs: wantedOutputs })
  let tiles: Tile[] = []
  const onTiles = (made: Tile[]) => {
    tiles = made
  }
  const inTiles = divided(type, { fromPoints: (4 * 2 * pointCount) / wanted, onTiles })
  const parts = await runJobType(inTiles, { ...job, outputs: wantedOutputs })
  expect(tiles).toHaveLength(wanted)
  for (const { part, done, total } of parts.steps) expect(done, part).toBe(total)
  const scene = JSON.parse((await whole.read('objects3D', 'ContextScene.json')).toString())
  const names = Object.values(scene.Annotations.Objects3D.Objects).map(
    (object) =>
      scene.Annotations.Labels[(object as { LabelInfo: { LabelId: number } }).LabelInfo.LabelId].Name,
  )
  expect(names.sort()).toEqual(labels)
  expect(whole.warnings.map(({ code }) => code)).toEqual(warnings)
  expect(parts.warnings).toEqual(whole.warnings)
  const [files, expected] = [await parts.files(), await whole.files()]
  expect([...files.keys()]).toEqual([...expected.keys()])
  for (const [name, bytes] of expected) expect(files.get(name)!.equals(bytes), name).toBe(true)
}

test(
  'colours, of surveys beside each other, within a region that cuts through a change',
  async () => {
    const folder = await temporaryFolder()
    const region = [
      [22, 1],
      [47, 1],
      [47, 15],
      [22, 15],
      [22, 1],
    ].map(([u, v]) => [corner.east + u!, corner.north + v!])
    const extent = join(folder, 'region.geojson')
    const crs = { type: 'name', properties: { name: 'urn:ogc:def:crs:EPSG::32632' } }
    await writeFile(extent, JSON.stringify({ type: 'Polygon', coordinates: [region], crs }))
    const inputs = {
      modelA: await asLas(folder, 'before.las', survey(0)),
      modelB: await asLas(folder, 'after.las', survey(1, 0.4)),
      extent,
    }
    const options = { colorThresholdLow: 40, colorThresholdHigh: 60 }
    const labels = ['appeared', 'recoloured']
    await expectEqual({ inputs, options }, { tiles: 2, labels, warnings: ['Surveys_Shifted'] })
  },
  patienceMs,
)

test(
  'distances that were asked for, with those of points that are far from all that their tiles know',
  async () => {
    const folder = await temporaryFolder()
    const inputs = {
      modelA: await asLas(folder, 'before.las', survey(0)),
      modelB: await asLas(folder, 'after.las', survey(1, 0.4)),
    }
    const options = { distThresholdLow: 0.8, distThresholdHigh: 1.2, colorThresholdHigh: 60, minPoints: 1 }
    const labels = ['appeared', 'appeared', 'disappeared', 'recoloured']
    await expectEqual({ inputs, options }, { tiles: 4, labels, warnings: ['Surveys_Shifted'] })
  },
  patienceMs,
)

test(
  'a survey that is registered',
  async () => {
    const folder = await temporaryFolder()
    const later = survey(1)
    const motion: RigidMotion = {
      pivot: [corner.east + length / 2, corner.north + width / 2, 100],
      rotation: rotationBy([0.002, -0.003, 0.01]),
      translation: [0.2, -0.2, 0.1],
    }
    movePoints(later, motion)
    const inputs = {
      modelA: await asLas(folder, 'before.las', survey(0)),
      modelB: await asLas(folder, 'after.las', later),
    }
    const warnings = ['Surveys_Registered']
    await expectEqual(
      { inputs, options: { registration: 'rigid' } },
      { tiles: 2, labels: ['appeared'], warnings },
    )
  },
  patienceMs,
)

test(
  'a mesh and a text, brought into LAS once',
  async () => {
    const folder = await temporaryFolder()
    const [vertices, triangles]: [string[], string[]] = [[], []]
    const across = length + 1
    for (let j = 0; j <= width; j++)
      for (let i = 0; i <= length; i++) {
        vertices.push(
          `${corner.east + i} ${corner.north + j} ${(rolling(i, j) + 0.01 * Math.sin(99 * i + 57 * j)).toFixed(3)}`,
        )
        const at = j * across + i
        if (i < length && j < width)
          triangles.push(`3 ${at} ${at + 1} ${at + across}`, `3 ${at + 1} ${at + across + 1} ${at + across}`)
      }
    const properties = ['x', 'y', 'z'].map((axis) => `property double ${axis}\n`).join('')
    const head = `ply\nformat ascii 1.0\nelement vertex ${vertices.length}\n${properties}element face ${triangles.length}\nproperty list uchar int vertex_indices\nend_header\n`
    const mesh = join(folder, 'before.ply')
    await writeFile(mesh, `${head}${[...vertices, ...triangles].join('\n')}\n`)
    const { x, y, z } = survey(1)
    const text = join(folder, 'after.xyz')
    await writeFile(
      text,
      Array.from(x, (_, i) => `${x[i]!.toFixed(3)} ${y[i]!.toFixed(3)} ${z[i]!.toFixed(3)}\n`).join(''),
    )
    const inputs = { meshesA: mesh, modelB: text }
    const expected = { tiles: 4, labels: ['appeared'], warnings: ['Crs_Missing', 'Crs_Missing'] }
    await expectEqual(
      { inputs, options: { resolution: 0.7 } },
      expected,
      outputs.filter((name) => !name.includes('GeoJSON')),
    )
  },
  patienceMs,
)
