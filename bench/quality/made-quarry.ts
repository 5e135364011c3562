// A made-up quarry: a mesh of how it was, as photos give one, and a scan of how it is, with a bench dug off and a heap that came.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeLasPoints } from '@alidade/formats'
import { normalNumbers, randomNumbers } from './survey-points.ts'

const [east, north] = [500_000, 5_400_000]
const side = 120
const vertexSpacing = 0.5
const scanPoints = 350_000

/** A pit of three terraces in rolling ground; x and y from the south-west corner. */
function ground(x: number, y: number): number {
  const rolling = 300 + 2 * Math.sin(x / 23) + 1.5 * Math.cos(y / 17)
  const inside = 48 - Math.hypot(x - 62, (y - 58) * 1.2)
  const terrace = (from: number) => 4 * Math.min(1, Math.max(0, (inside - from) / 3))
  return rolling - terrace(0) - terrace(12) - terrace(24)
}

function heap(x: number, y: number): number {
  return Math.max(0, 3.5 - 0.5 * Math.hypot(x - 60, y - 66))
}

/** Taken off the wall in the east, down to the terrace below. */
function dug(x: number, y: number): number {
  const across = Math.min(1, Math.max(0, (6 - Math.abs(x - 99)) / 1.5))
  const along = Math.min(1, Math.max(0, (11 - Math.abs(y - 56)) / 1.5))
  return 3 * across * along
}

/** Paths of the mesh and of the scan. */
export async function writeQuarry(folder: string): Promise<[string, string]> {
  const mesh = join(folder, 'quarry.obj')
  const scan = join(folder, 'quarry.las')
  const random = randomNumbers(7)
  const noise = normalNumbers(random)
  const across = side / vertexSpacing + 1
  const lines: string[] = []
  for (let j = 0; j < across; j++)
    for (let i = 0; i < across; i++) {
      const [x, y] = [i * vertexSpacing, j * vertexSpacing]
      lines.push(`v ${east + x} ${north + y} ${(ground(x, y) + 0.02 * noise()).toFixed(3)}`)
    }
  for (let j = 0; j + 1 < across; j++)
    for (let i = 0; i + 1 < across; i++) {
      const corner = j * across + i + 1
      lines.push(`f ${corner} ${corner + 1} ${corner + across + 1}`, `f ${corner} ${corner + across + 1} ${corner + across}`) // biome-ignore format: two triangles
    }
  await writeFile(mesh, `${lines.join('\n')}\n`)
  const columns = {
    x: new Float64Array(scanPoints),
    y: new Float64Array(scanPoints),
    z: new Float64Array(scanPoints),
  }
  for (let i = 0; i < scanPoints; i++) {
    const [x, y] = [side * random(), side * random()]
    columns.x[i] = east + x
    columns.y[i] = north + y
    columns.z[i] = ground(x, y) + heap(x, y) - dug(x, y) + 0.02 * noise()
  }
  await writeLasPoints(scan, columns, { crs: { epsg: 32632 }, createdAt: new Date(0) })
  return [mesh, scan]
}
