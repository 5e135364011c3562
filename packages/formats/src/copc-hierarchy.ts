// The pages of a COPC hierarchy: which nodes of the octree there are, and where their points lie.
import type { ByteSource } from './byte-source.ts'
import type { CopcInfo } from './copc-info.ts'
import { corrupt, FormatError } from './format-error.ts'

/** A cube of the octree: its level, 0 for the root, and which one of the 2^level along each axis it is. */
export type CopcKey = { readonly level: number; readonly x: number; readonly y: number; readonly z: number }

export type CopcNode = {
  readonly key: CopcKey
  readonly offset: number
  readonly sizeBytes: number
  readonly pointCount: number
  /** Where the page says so, for messages. */
  readonly place: string
}

type Page = {
  readonly key: CopcKey
  readonly offset: number
  readonly sizeBytes: number
  readonly place: string
}

const entryBytes = 32
/** Two million nodes. */
const largestPageBytes = 64 * 1024 * 1024
/** A cube as wide as the Earth has less than a millimetre by then. */
const deepestLevel = 31
const root: CopcKey = { level: 0, x: 0, y: 0, z: 0 }

/**
 * The nodes with points whose cube, and all cubes around it, are `wanted`; pages of others are not read. `mostPages` is known
 * from the chunks: every page but the first has a node of its own. FormatError `Corrupt` for what contradicts the file: pages that lead to
 * each other, overlap in size, hold nodes of elsewhere.
 */
export async function readCopcHierarchy(
  source: ByteSource,
  { rootPage }: CopcInfo,
  wanted: (key: CopcKey) => boolean,
  { mostPages, signal }: { mostPages: number; signal?: AbortSignal | undefined },
): Promise<CopcNode[]> {
  const nodes: CopcNode[] = []
  const pages: Page[] = [{ key: root, ...rootPage, place: 'COPC info VLR' }]
  const seen = new Set<number>()
  let bytes = 0
  for (let page = pages.pop(); page; page = pages.pop()) {
    signal?.throwIfAborted()
    const { offset, sizeBytes, place } = page
    checkPage(page, source.sizeBytes)
    if (seen.has(offset)) throw corrupt(place, 'a page that no other entry leads to', `byte ${offset}`)
    seen.add(offset)
    bytes += sizeBytes
    if (bytes > source.sizeBytes) throw corrupt(place, `pages of ${source.sizeBytes} bytes in all`, bytes)
    if (seen.size > mostPages) throw corrupt(place, `at most ${mostPages} pages`, seen.size)
    const data = await source.read(offset, sizeBytes)
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
    for (let at = 0; at < sizeBytes; at += entryBytes) {
      const node = readEntry(view, at, page)
      if (!wanted(node.key)) continue
      if (node.pointCount === -1) pages.push(node)
      else if (node.pointCount > 0) nodes.push(node)
    }
  }
  return nodes
}

function checkPage({ offset, sizeBytes, place }: Page, fileBytes: number): void {
  if (sizeBytes === 0 || sizeBytes % entryBytes !== 0) {
    throw corrupt(place, `a page of some entries of ${entryBytes} bytes`, sizeBytes)
  }
  if (offset + sizeBytes > fileBytes) {
    throw corrupt(place, `a page inside ${fileBytes} bytes`, `${sizeBytes} bytes at ${offset}`)
  }
  if (sizeBytes > largestPageBytes) {
    const problem = `expected a page of at most ${largestPageBytes} bytes, got ${sizeBytes}`
    throw new FormatError('Unsupported', place, problem)
  }
}

/** Key, place and count: 16 + 8 + 4 + 4 bytes. A count of -1 says that the place is that of another page. */
function readEntry(view: DataView, at: number, page: Page): CopcNode {
  const place = `byte ${page.offset + at}`
  const [level, x, y, z] = [0, 4, 8, 12].map((step) => view.getInt32(at + step, true)) as Four
  const key = { level, x, y, z }
  if (level < 0 || level > deepestLevel) throw corrupt(place, `a level from 0 to ${deepestLevel}`, level)
  if (!isInside(key, page.key)) throw corrupt(place, `a node inside ${told(page.key)}`, told(key))
  const offset = view.getBigUint64(at + 16, true)
  const sizeBytes = view.getInt32(at + 24, true)
  const pointCount = view.getInt32(at + 28, true)
  if (pointCount < -1) throw corrupt(place, 'a point count from -1 on', pointCount)
  if (sizeBytes < 0) throw corrupt(place, 'a size from 0 on', sizeBytes)
  // Too large for a double is behind any file as well.
  return { key, offset: Number(offset), sizeBytes, pointCount, place }
}

type Four = [number, number, number, number]

/** Also itself: the first entry of a page is the node that the page is named after. */
function isInside({ level, x, y, z }: CopcKey, outer: CopcKey): boolean {
  const shrink = 2 ** (level - outer.level)
  return (
    level >= outer.level &&
    Math.floor(x / shrink) === outer.x &&
    Math.floor(y / shrink) === outer.y &&
    Math.floor(z / shrink) === outer.z
  )
}

function told({ level, x, y, z }: CopcKey): string {
  return `${level}-${x}-${y}-${z}`
}
