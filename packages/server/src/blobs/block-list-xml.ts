/**
 * Reads the body of Put Block List. The format is three flat elements with base64 in them, so this accepts
 * just that: no DOCTYPE, no entities, no comments, no attributes; nothing to expand and nothing to recurse
 * into.
 */
import { AzureError } from './azure-error.ts'
import type { BlockReference } from './blob-store.ts'

/** As Azure: 50,000 blocks; with ids of 64 bytes and their tags this needs about 6 MB. */
export const maxBlocks = 50_000
export const maxBlockListBytes = 8 * 1024 * 1024

const sourceOf = { Committed: 'committed', Uncommitted: 'uncommitted', Latest: 'latest' } as const

/** Throws `InvalidXmlDocument`. */
export function parseBlockList(body: Uint8Array): BlockReference[] {
  const xml = decode(body)
  const head = /^\s*(?:<\?xml [^<>?]*\?>\s*)?(?:<BlockList>|<BlockList\s*\/>)/.exec(xml)
  if (!head) throw fault('expected <BlockList>')
  const blocks: BlockReference[] = []
  let position = head[0].length
  if (!head[0].endsWith('/>')) {
    const entry = /\s*<(Committed|Uncommitted|Latest)>\s*([A-Za-z0-9+/=]{1,88})\s*<\/\1>/y
    for (;;) {
      entry.lastIndex = position
      const match = entry.exec(xml)
      if (!match) break
      if (blocks.length === maxBlocks) throw fault(`a list has at most ${maxBlocks} blocks`)
      blocks.push({ id: match[2]!, from: sourceOf[match[1] as keyof typeof sourceOf] })
      position = entry.lastIndex
    }
    const end = /\s*<\/BlockList>/y
    end.lastIndex = position
    if (!end.test(xml)) {
      throw fault(`expected <Latest>, <Committed>, <Uncommitted> or </BlockList> at character ${position}`)
    }
    position = end.lastIndex
  }
  if (xml.slice(position).trim() !== '') throw fault('something follows after </BlockList>')
  return blocks
}

function decode(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch (cause) {
    throw new AzureError('InvalidXmlDocument', 'the block list is not UTF-8', { cause })
  }
}

function fault(reason: string): AzureError {
  return new AzureError('InvalidXmlDocument', `the block list cannot be read: ${reason}`)
}
