// One survey many times over, side by side: real points in real files, as many as a long run needs.
import { copyFile, mkdir, open } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { openFile, readLasHeader } from '@alidade/formats'

/**
 * Copies each survey `count` times into a folder `<name>/<place in the list>`, moved in plan by whole steps of a square
 * lattice, the same for all surveys. Only headers differ from the original, so that LAZ stays as it was compressed.
 * Returns the folders.
 */
export async function shiftedCopies(
  surveys: readonly (readonly string[])[],
  count: number,
  folder: string,
): Promise<string[]> {
  const step = await latticeStep(surveys.flat())
  const columns = Math.ceil(Math.sqrt(count))
  const folders: string[] = []
  for (const [epoch, paths] of surveys.entries()) {
    const into = join(folder, `${epoch + 1}`)
    await mkdir(into, { recursive: true })
    for (let copy = 0; copy < count; copy++) {
      const [east, north] = [step.x * (copy % columns), step.y * Math.floor(copy / columns)]
      for (const [i, path] of paths.entries()) {
        const target = join(into, `tile-${`${copy + 1}`.padStart(4, '0')}-${i + 1}${extname(path)}`)
        await copyFile(path, target)
        await shift(target, east, north)
      }
    }
    folders.push(into)
  }
  return folders
}

/** Whole units beyond the extent of all files together: copies touch nothing of each other. */
async function latticeStep(paths: readonly string[]): Promise<{ x: number; y: number }> {
  const low = [Infinity, Infinity]
  const high = [-Infinity, -Infinity]
  for (const path of paths) {
    const source = await openFile(path)
    const { bounds } = await readLasHeader(source)
    await source.close()
    for (const axis of [0, 1] as const) {
      low[axis] = Math.min(low[axis]!, bounds.min[axis])
      high[axis] = Math.max(high[axis]!, bounds.max[axis])
    }
  }
  return { x: Math.ceil(high[0]! - low[0]!) + 1, y: Math.ceil(high[1]! - low[1]!) + 1 }
}

/** Offset and bounds of the public header block: doubles at fixed bytes in every version of LAS. */
async function shift(path: string, east: number, north: number): Promise<void> {
  const file = await open(path, 'r+')
  try {
    const { buffer } = await file.read(Buffer.alloc(227), 0, 227, 0)
    for (const [at, by] of [
      [155, east],
      [163, north],
      [179, east],
      [187, east],
      [195, north],
      [203, north],
    ] as const)
      buffer.writeDoubleLE(buffer.readDoubleLE(at) + by, at)
    await file.write(buffer, 0, 227, 0)
  } finally {
    await file.close()
  }
}

/** Of all files, by their headers. */
export async function pointsOf(paths: readonly string[]): Promise<number> {
  let points = 0
  for (const path of paths) {
    const source = await openFile(path)
    points += (await readLasHeader(source)).pointCount
    await source.close()
  }
  return points
}
