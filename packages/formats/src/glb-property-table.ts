// Properties of features inside a glTF: EXT_structural_metadata, one table with a row for each feature.
import type { GlbBuffer } from './glb.ts'

export type TileProperties = Readonly<Record<string, string | number | undefined>>

export interface PropertyColumn {
  /** As the caller has it. */
  readonly name: string
  /** What the extension allows: letters, digits and underscores. */
  readonly key: string
  readonly type: 'text' | 'number'
}

/** Stands for a number that is not known: JSON, where it is declared, has no NaN. */
const noNumber = -1.7976931348623157e308

/** One column for each name that occurs; text where one of its values is a text. */
export function propertyColumns(
  features: Iterable<{ readonly properties: TileProperties }>,
): PropertyColumn[] {
  const types = new Map<string, PropertyColumn['type']>()
  for (const { properties } of features) {
    for (const [name, value] of Object.entries(properties)) {
      if (typeof value === 'string') types.set(name, 'text')
      else if (!types.has(name)) types.set(name, 'number')
    }
  }
  const taken = new Set<string>()
  return [...types].map(([name, type]) => {
    let key = name.replace(/\W/g, '_').replace(/^(?=\d|$)/, '_')
    while (taken.has(key)) key += '_'
    taken.add(key)
    return { name, key, type }
  })
}

/** The extension of the whole glTF: its schema, which is the same in all tiles, and the rows of this one. */
export function structuralMetadata(
  columns: readonly PropertyColumn[],
  rows: readonly TileProperties[],
  buffer: GlbBuffer,
): Record<string, unknown> {
  const declared = columns.map(({ name, key, type }) => {
    const what = type === 'text' ? { type: 'STRING' } : { type: 'SCALAR', componentType: 'FLOAT64' }
    return [key, { name, ...what, noData: type === 'text' ? '' : noNumber }] as const
  })
  const stored = columns.map((column) => [column.key, storedColumn(column, rows, buffer)] as const)
  return {
    schema: {
      id: 'alidade',
      classes: { feature: { name: 'Feature', properties: Object.fromEntries(declared) } },
    },
    propertyTables: [
      { name: 'features', class: 'feature', count: rows.length, properties: Object.fromEntries(stored) },
    ],
  }
}

function storedColumn({ name, type }: PropertyColumn, rows: readonly TileProperties[], buffer: GlbBuffer) {
  if (type === 'number') {
    const numbers = Float64Array.from(rows, (row) => {
      const value = row[name]
      return typeof value === 'number' && Number.isFinite(value) ? value : noNumber
    })
    return { values: buffer.add(numbers) }
  }
  const texts = rows.map((row) => Buffer.from(String(row[name] ?? ''), 'utf8'))
  const offsets = new Uint32Array(rows.length + 1)
  for (const [i, text] of texts.entries()) offsets[i + 1] = offsets[i]! + text.length
  // A buffer view has at least one byte; the offsets say that it is no part of any text.
  const bytes = Buffer.concat(offsets.at(-1) === 0 ? [Buffer.alloc(1)] : texts)
  return { values: buffer.add(bytes), stringOffsets: buffer.add(offsets), stringOffsetType: 'UINT32' }
}
