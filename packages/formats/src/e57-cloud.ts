// E57 files: the points of all scans, each turned and moved to where its scanner stood.
import type { ByteSource } from './byte-source.ts'
import { crsFromVlrs } from './crs-from-vlrs.ts'
import { columnsOf, mappingsOf, placeOf, scanColumn } from './e57-columns.ts'
import { openE57Pages } from './e57-pages.ts'
import { readE57Records } from './e57-records.ts'
import { readE57Scans } from './e57-scans.ts'
import type { E57Scan } from './e57-scans.ts'
import { allocateBatch } from './foreign-cloud.ts'
import type { CloudBatch, CloudColumn, ForeignCloud, OpenCloudOptions } from './foreign-cloud.ts'

export async function openE57(source: ByteSource, { warn }: OpenCloudOptions): Promise<ForeignCloud> {
  const pages = await openE57Pages(source)
  const { scans, coordinateMetadata } = await readE57Scans(pages)
  const filled = scans.filter(({ recordCount }) => recordCount > 0)
  const timed = filled.length > 0 && filled.every(({ start }) => start !== undefined)
  const columns = columnsOf(filled, timed)
  warnOfMissing(filled, columns, timed, warn)
  const wkt = wktIn(coordinateMetadata, warn)
  let told = false
  return {
    columns,
    standardGpsTime: timed,
    ...(wkt && { wkt }),
    async *batches(signal) {
      let leftOut = 0
      for (const [index, scan] of filled.entries()) {
        const placePoints = pointPlacer(scan, columns, timed, index + 1)
        for await (const records of readE57Records(pages, scan, signal)) {
          const batch = placePoints(records)
          leftOut += records.count - batch.count
          yield { ...batch, share: (index + records.share) / filled.length }
        }
      }
      if (leftOut > 0 && !told) warn?.(`${leftOut} points without a place are left out`)
      told = true
    },
  }
}

/** Fills a batch from the fields of a scan; points that are flagged as nowhere are left out. */
function pointPlacer(scan: E57Scan, columns: readonly CloudColumn[], timed: boolean, scanNumber: number) {
  const { spherical, fields, invalidState } = placeOf(scan)
  const mappings = mappingsOf(scan, columns, timed)
  const batch = allocateBatch(columns.length)
  const numbered = columns.findIndex(({ name }) => name === scanColumn)
  const moved = poseMover(scan)
  return (records: { count: number; columns: readonly Float64Array[] }): Omit<CloudBatch, 'share'> => {
    const [first, second, third] = fields.map((field) => records.columns[field]!)
    const states = invalidState === undefined ? undefined : records.columns[invalidState]!
    let count = 0
    for (let i = 0; i < records.count; i++) {
      // 1: only its direction is known; 2: not even that.
      if (states !== undefined && states[i] !== 0) continue
      if (spherical) {
        const [range, azimuth, elevation] = [first![i]!, second![i]!, third![i]!]
        const level = range * Math.cos(elevation)
        batch.x[count] = level * Math.cos(azimuth)
        batch.y[count] = level * Math.sin(azimuth)
        batch.z[count] = range * Math.sin(elevation)
      } else {
        batch.x[count] = first![i]!
        batch.y[count] = second![i]!
        batch.z[count] = third![i]!
      }
      for (const { field, column, scale, offset } of mappings)
        batch.columns[column]![count] = records.columns[field]![i]! * scale + offset
      count++
    }
    moved?.(batch, count)
    if (numbered >= 0) batch.columns[numbered]!.fill(scanNumber)
    return { ...batch, count }
  }
}

function poseMover({
  pose,
}: E57Scan): ((batch: Pick<CloudBatch, 'x' | 'y' | 'z'>, count: number) => void) | undefined {
  if (pose === undefined) return undefined
  const { rotation, translation } = pose
  const row = (axis: number) =>
    [...rotation.slice(3 * axis, 3 * axis + 3), translation[axis]!] as [number, number, number, number]
  const [[a, b, c, dx], [d, e, f, dy], [g, h, k, dz]] = [row(0), row(1), row(2)]
  return ({ x, y, z }, count) => {
    for (let i = 0; i < count; i++) {
      const [px, py, pz] = [x[i]!, y[i]!, z[i]!]
      x[i] = a * px + b * py + c * pz + dx
      y[i] = d * px + e * py + f * pz + dy
      z[i] = g * px + h * py + k * pz + dz
    }
  }
}

function warnOfMissing(
  scans: readonly E57Scan[],
  columns: readonly CloudColumn[],
  timed: boolean,
  warn: OpenCloudOptions['warn'],
): void {
  const texts = scans.flatMap(({ fields }) => fields).filter(({ stored }) => stored.kind === 'string')
  const names = new Set(texts.map(({ name }) => name))
  if (names.size > 0) warn?.(`texts of points are left out: ${[...names].join(', ')}`)
  const partly = new Set<string>()
  for (const scan of scans) {
    const there = new Set(mappingsOf(scan, columns, timed).map(({ column }) => column))
    for (const [index, { name }] of columns.entries())
      if (!there.has(index) && name !== scanColumn) partly.add(name)
  }
  if (partly.size > 0) warn?.(`0 stands for what not every scan has: ${[...partly].join(', ')}`)
}

/** The coordinate system, if the text is one; FormatError for one that is damaged. */
function wktIn(text: string, warn: OpenCloudOptions['warn']): string | undefined {
  if (text === '') return undefined
  if (!/^[A-Z]+(?:_CS|CS|CRS)\s*\[/i.test(text)) {
    warn?.('the coordinate metadata are left out: they are no WKT')
    return undefined
  }
  const data = new Uint8Array(Buffer.from(`${text}\0`))
  const record = { userId: 'LASF_Projection', recordId: 2112, description: '', extended: false }
  crsFromVlrs([{ ...record, dataOffset: 0, sizeBytes: data.length, data }], true)
  return text
}
