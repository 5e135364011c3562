// What a cloud or a surface of another format is going to be as LAS, as far as its first bytes tell: for plans, and for
// what has to be refused before anything is read.
import type { ByteSource } from './byte-source.ts'
import type { Crs } from './crs.ts'
import { crsFromVlrs } from './crs-from-vlrs.ts'
import { colourBand } from './cloud-layout.ts'
import type { ForeignFormat } from './convert-to-las.ts'
import { openE57 } from './e57-cloud.ts'
import { openE57Pages } from './e57-pages.ts'
import { readE57Scans } from './e57-scans.ts'
import { FormatError } from './format-error.ts'
import { accessorAt } from './glb-accessors.ts'
import { readGlbContainer } from './glb-container.ts'
import { placedPrimitives } from './glb-nodes.ts'
import { readPlyHeader } from './ply-header.ts'
import { layOutText } from './text-columns.ts'

export type ForeseenCloud = {
  /** Points, or vertices of a surface. */
  readonly count: number
  /** Whether that is what the file says, or what its size lets expect. */
  readonly isCounted: boolean
  readonly isSurface: boolean
  /** Values of a point beside its place. */
  readonly columns: number
  readonly hasColours: boolean
  readonly crs?: Crs
}

/** Reads some 200 kB at most, and of GLB and E57 their descriptions. FormatError for what is no such file. */
export function foreseeCloud(source: ByteSource, format: ForeignFormat): Promise<ForeseenCloud> {
  return foreseers[format](source)
}

const foreseers: Readonly<Record<ForeignFormat, (source: ByteSource) => Promise<ForeseenCloud>>> = {
  ply: foreseePly,
  obj: foreseeObj,
  xyz: foreseeText,
  e57: foreseeE57,
  glb: foreseeGlb,
}

async function foreseePly(source: ByteSource): Promise<ForeseenCloud> {
  const { elements } = await readPlyHeader(source)
  const named = (wanted: string) => elements.find(({ name }) => name === wanted)
  const vertex = named('vertex')
  const names = vertex?.properties.map(({ name }) => name) ?? []
  return {
    count: vertex?.count ?? 0,
    isCounted: true,
    isSurface: (named('face')?.count ?? 0) + (named('tristrips')?.count ?? 0) > 0,
    columns: Math.max(0, names.length - 3),
    hasColours: names.some((name) => colourBand(name) === 'red'),
  }
}

async function foreseeGlb(source: ByteSource): Promise<ForeseenCloud> {
  const container = await readGlbContainer(source)
  const primitives = placedPrimitives(container.json).filter(({ mode }) => mode === 0 || mode >= 4)
  const attributesOf = ({ primitive }: (typeof primitives)[number]) =>
    (primitive.attributes ?? {}) as Record<string, unknown>
  const counts = primitives.map((one) => {
    const place = `${one.path}.attributes.POSITION`
    return accessorAt(container, attributesOf(one).POSITION, place, [3]).count
  })
  const hasColours = primitives.some((one) => attributesOf(one).COLOR_0 !== undefined)
  return {
    count: counts.reduce((sum, count) => sum + count, 0),
    isCounted: true,
    isSurface: primitives.some(({ mode }) => mode >= 4),
    columns: hasColours ? 3 : 0,
    hasColours,
  }
}

async function foreseeE57(source: ByteSource): Promise<ForeseenCloud> {
  const { scans } = await readE57Scans(await openE57Pages(source))
  const { columns, wkt } = await openE57(source, {})
  const crs = wkt === undefined ? undefined : crsOfWkt(wkt)
  return {
    count: scans.reduce((sum, { recordCount }) => sum + recordCount, 0),
    isCounted: true,
    isSurface: false,
    columns: columns.length,
    hasColours: columns.some(({ name }) => colourBand(name) === 'red'),
    ...(crs && { crs }),
  }
}

function crsOfWkt(wkt: string): Crs | undefined {
  const data = new Uint8Array(Buffer.from(`${wkt}\0`))
  const vlr = { userId: 'LASF_Projection', recordId: 2112, description: '', extended: false, dataOffset: 0 }
  return crsFromVlrs([{ ...vlr, sizeBytes: data.length, data }], true)
}

/** At the start, in the middle and at the end of a text. */
const windowBytes = 64 * 1024

async function foreseeObj(source: ByteSource): Promise<ForeseenCloud> {
  let [read, vertices, faces] = [0, 0, 0]
  let hasColours = false
  for (const start of windowStarts(source.sizeBytes)) {
    const bytes = await source.read(start, Math.min(windowBytes, source.sizeBytes - start))
    read += bytes.length
    for (const line of Buffer.from(bytes).toString('latin1').split('\n')) {
      if (line.startsWith('v ')) {
        vertices++
        hasColours ||= line.trim().split(/\s+/).length >= 7
      } else if (line.startsWith('f ')) faces++
    }
  }
  const count = Math.round(read > 0 ? (vertices / read) * source.sizeBytes : 0)
  return { count, isCounted: false, isSurface: faces > 0, columns: hasColours ? 3 : 0, hasColours }
}

function windowStarts(sizeBytes: number): number[] {
  if (sizeBytes <= 3 * windowBytes)
    return [0, windowBytes, 2 * windowBytes].filter((start) => start < sizeBytes)
  return [0, Math.floor((sizeBytes - windowBytes) / 2), sizeBytes - windowBytes]
}

async function foreseeText(source: ByteSource): Promise<ForeseenCloud> {
  const bytes = await source.read(0, Math.min(windowBytes, source.sizeBytes))
  const text = Buffer.from(bytes)
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
  const lines = text.split(/\r\n|\r|\n/)
  // The last one may have been cut.
  if (source.sizeBytes > bytes.length && lines.length > 1) lines.pop()
  const layout = layOutText(lines)
  if (layout === undefined) {
    const got = bytes.length === 0 ? 'an empty file' : `none in ${bytes.length} bytes`
    throw new FormatError('NotAPointCloud', 'line 1', `expected a line of numbers, got ${got}`)
  }
  const length = text.lastIndexOf('\n') + 1 || text.length
  const perLine = Math.max(1, lines.filter((line) => line.trim() !== '').length)
  return {
    count: layout.statedCount ?? Math.round((source.sizeBytes / Math.max(1, length)) * perLine),
    isCounted: layout.statedCount !== undefined,
    isSurface: false,
    columns: layout.columns.length,
    hasColours: layout.columns.some(({ name }) => colourBand(name) === 'red'),
  }
}
