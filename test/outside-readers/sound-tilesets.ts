// A tileset as others see it: the tools of its makers walk through it, the validator of glTF looks at each content.
import { createRequire } from 'node:module'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { readStructuralMetadata, tileUris } from './tiles-tools.ts'

const require = createRequire(import.meta.url)

interface Report {
  issues: {
    numErrors: number
    numWarnings: number
    messages: { code: string; message: string; pointer: string }[]
  }
}

/**
 * What the validator says of the extensions of the makers of 3D Tiles: that it does not know them, and that nobody it
 * knows of uses the buffer views of their tables. A reader that knows them is asked for their rows.
 */
const ofUnknownExtensions = ['UNSUPPORTED_EXTENSION', 'UNUSED_OBJECT']

export async function validateGlb(glb: Uint8Array): Promise<Report['issues']> {
  const { issues }: Report = await require('gltf-validator').validateBytes(glb)
  return issues
}

/** The rows of all features, where every tile is found and nothing is wrong with any. */
export async function rowsOfSoundTileset(
  folder: string,
): Promise<{ tileCount: number; rows: Record<string, unknown>[] }> {
  const rows: Record<string, unknown>[] = []
  const uris = await tileUris(folder)
  for (const uri of uris) {
    const glb = await readFile(join(folder, uri))
    const { numErrors, numWarnings, messages } = await validateGlb(glb)
    expect(messages.filter(({ code }) => !ofUnknownExtensions.includes(code))).toEqual([])
    expect({ numErrors, numWarnings }).toEqual({ numErrors: 0, numWarnings: 0 })
    rows.push(...(await readStructuralMetadata(glb)))
  }
  return { tileCount: uris.length, rows }
}
