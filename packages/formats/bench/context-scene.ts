// Reads and writes a scene of many annotations, beside JSON.parse and JSON.stringify of the same. Processor time, for
// other work disturbs it least. Usage: node --expose-gc packages/formats/bench/context-scene.ts objects3D 1000000
import type { ContextSceneToWrite } from '../src/index.ts'
import { contextSceneText, parseContextScene } from '../src/index.ts'
import { identity } from '../src/scene-whole.fixture.ts'

const [kind = 'objects3D', count = '1000000'] = process.argv.slice(2)
const collectGarbage = (globalThis as { gc?: () => void }).gc
if (collectGarbage === undefined) throw new Error('usage: node --expose-gc context-scene.ts KIND COUNT')

const entries = <T>(entry: (i: number) => T) =>
  new Map(Array.from({ length: Number(count) }, (_, i) => [`0000abcd-0000-4000-8000-${String(i).padStart(12, '0')}`, entry(i)])) // biome-ignore format: one line

const objects3D = (): ContextSceneToWrite => ({
  Annotations: {
    Objects3D: {
      SRSId: 0,
      Objects: entries((i) => ({
        LabelInfo: { LabelId: 1, Confidence: 0.5 },
        RotatedBox3D: {
          Box3D: { xmin: 500_000.12 + i, ymin: 5_400_000.25, zmin: 3.5, xmax: 500_001.5 + i, ymax: 5_400_001.75, zmax: 9.25 }, // biome-ignore format: one line
          Rotation: identity,
        },
      })),
    },
  },
})

const corners = Array.from({ length: 12 }, (_, k) => k)
const polygons3D = (): ContextSceneToWrite => ({
  Annotations: {
    Polygons3D: {
      SRSId: 0,
      Polygons: entries((i) => ({
        LabelInfo: { LabelId: 1 },
        Area: 100.5,
        Vertices: new Map(
          corners.map((k) => [String(k), { Position: { x: 500_000.12 + i + k, y: 5_400_000.5, z: 12.25 } }]),
        ),
        OuterBoundary: { VertexIds: corners },
      })),
    },
  },
})

function timed<T>(what: string, work: () => T): T {
  collectGarbage!()
  const began = process.cpuUsage()
  const result = work()
  const { user, system } = process.cpuUsage(began)
  console.log(`${what}: ${((user + system) / 1e6).toFixed(2)} s of processor time`)
  return result
}
const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`

const make = { objects3D, polygons3D }[kind]
if (make === undefined) throw new Error('expected objects3D or polygons3D')
const made = make()
const pieces = timed('write, in pieces', () => {
  let length = 0
  for (const piece of contextSceneText(made)) length += piece.length
  return length
})
console.log(`  ${megabytes(pieces)} of text, indented`)
// Without white space, so that a million objects are one string still.
const parts: string[] = []
for (const piece of contextSceneText(made)) parts.push(piece.replace(/\n\s*/g, '').replace(/": /g, '":'))
const bytes = Buffer.from(parts.splice(0).join(''))
console.log(`${count} ${kind}, ${megabytes(bytes.length)} without white space`)
collectGarbage()
const heapBefore = process.memoryUsage().heapUsed
const read = timed('parseContextScene', () => parseContextScene(bytes, { mostBytes: bytes.length }))
collectGarbage()
console.log(`  the scene takes ${megabytes(process.memoryUsage().heapUsed - heapBefore)} of heap`)
const plain = timed('JSON.parse', () => JSON.parse(bytes.toString()) as unknown)
timed('JSON.stringify, indented', () => {
  try {
    return JSON.stringify(plain, undefined, 2).length
  } catch (error) {
    return console.log(`  ${error}`)
  }
})
console.log(`${read.version}, most resident memory ${megabytes(process.resourceUsage().maxRSS * 1024)}`)
