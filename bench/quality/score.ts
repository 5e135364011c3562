// Found changes beside true ones, point by point.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openFile, readLasHeader, readPointBatches } from '@alidade/formats'
import { ignored } from './make-scene.ts'

export interface KnownChange {
  id: number
  kind: string
  /** In cubic metres, where a formula gives one. */
  volume?: number
}

interface Feature {
  properties: Record<string, number | string>
}

/** An object of more points than this, most of which are unchanged, is a false one. */
const pardonedPoints = 20

/** The column `change` of a segmented survey. */
/** Of the one cloud in the folder of an output, LAS or LAZ as the survey was. */
export async function readChanges(folder: string): Promise<Uint16Array> {
  const name = (await readdir(folder)).find((one) => /\.la[sz]$/.test(one))
  if (name === undefined) throw new Error(`no cloud in ${folder}`)
  const source = await openFile(join(folder, name))
  try {
    const header = await readLasHeader(source)
    const at = header.extraBytes.find(({ name }) => name === 'change')!.offsetBytes
    const changes = new Uint16Array(header.pointCount)
    for await (const { records, count, firstIndex } of readPointBatches(source, header)) {
      const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
      for (let i = 0; i < count; i++)
        changes[firstIndex + i] = view.getUint16(i * header.pointRecordLength + at, true)
    }
    return changes
  } finally {
    await source.close()
  }
}

export function scoreOf(
  found: readonly Uint16Array[],
  labels: readonly Uint8Array[],
  known: readonly KnownChange[],
  features: readonly Feature[],
): string[] {
  /** Points by found change (0 for none) and true one. */
  const table = new Map<number, Map<number, number>>()
  for (const [k, column] of found.entries()) {
    for (const [i, number] of column.entries()) {
      const label = labels[k]![i]!
      if (label === ignored) continue
      const row = table.get(number) ?? new Map<number, number>()
      row.set(label, (row.get(label) ?? 0) + 1)
      table.set(number, row)
    }
  }
  const count = (number: number, label: number) => table.get(number)?.get(label) ?? 0
  const objects = [...table.keys()].filter((number) => number > 0)
  const sum = (of: readonly number[]) => of.reduce((all, one) => all + one, 0)
  const right = sum(known.flatMap(({ id }) => objects.map((number) => count(number, id))))
  const wrong = sum(objects.map((number) => count(number, 0)))
  const missed = sum(known.map(({ id }) => count(0, id)))
  const falseObjects = objects.filter((number) => {
    const size = sum([...table.get(number)!.values()])
    return size > pardonedPoints && count(number, 0) > size / 2
  })
  const lines = known.map(({ id, kind, volume }) => {
    const size = count(0, id) + sum(objects.map((number) => count(number, id)))
    const best = objects.toSorted((one, other) => count(other, id) - count(one, id))[0] ?? 0
    const share = best === 0 ? 0 : count(best, id) / size
    const told = features.find(({ properties }) => properties.change === best)?.properties
    const against =
      volume === undefined || told === undefined
        ? ''
        : `, ${told.volumeCubicMetres} +- ${told.volumeUncertainty95} m3 of ${volume.toFixed(0)} ` +
          `(${((100 * Number(told.volumeCubicMetres)) / volume - 100).toFixed(0)} %)`
    return `${share >= 0.5 ? 'found ' : 'MISSED'} ${kind}, ${size} points, ${(100 * share).toFixed(0)} % in one object${against}`
  })
  const percent = (share: number) => share.toFixed(3)
  return [
    `F1 ${percent((2 * right) / (2 * right + wrong + missed))}, precision ${percent(right / (right + wrong))}, ` +
      `recall ${percent(right / (right + missed))}, false objects ${falseObjects.length}`,
    ...lines,
  ]
}
