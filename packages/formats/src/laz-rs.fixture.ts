// A second LAZ decoder, laz-rs, to hold files against that were written here. @loaders.gl/las carries it inside.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

type LazRs = {
  initSync(options: { module: Uint8Array }): void
  WasmLasZipDecompressor: new (
    file: Uint8Array,
  ) => { decompress_many(records: Uint8Array): void; free(): void }
}

let loaded: Promise<LazRs> | undefined

async function load(): Promise<LazRs> {
  const folder = join(dirname(createRequire(import.meta.url).resolve('@loaders.gl/las')), 'libs/laz-rs-wasm')
  const lazRs: LazRs = await import(pathToFileURL(join(folder, 'laz_rs_wasm.js')).href)
  lazRs.initSync({ module: readFileSync(join(folder, 'laz_rs_wasm_bg.wasm')) })
  return lazRs
}

/** All records of a whole LAZ file. */
export async function decodeWithLazRs(
  file: Uint8Array,
  header: { readonly pointCount: number; readonly pointRecordLength: number },
): Promise<Buffer> {
  loaded ??= load()
  const { WasmLasZipDecompressor } = await loaded
  const records = Buffer.alloc(header.pointCount * header.pointRecordLength)
  if (records.length === 0) return records
  const decoder = new WasmLasZipDecompressor(file)
  try {
    decoder.decompress_many(records)
  } finally {
    decoder.free()
  }
  return records
}
