// Records of one element of a PLY file after the other: the values asked for as columns, lists one by one.
import type { ByteSource } from './byte-source.ts'
import { readPlyBinaryRows } from './ply-binary-rows.ts'
import type { PlyElement, PlyHeader } from './ply-header.ts'
import { readPlyTextRows } from './ply-text-rows.ts'
import type { PlyPosition, PlyRows, PlyWanted } from './ply-wanted.ts'

export function readPlyRows(
  source: ByteSource,
  header: PlyHeader,
  position: PlyPosition,
  element: PlyElement,
  wanted: PlyWanted,
  signal: AbortSignal | undefined,
): AsyncGenerator<PlyRows, void, undefined> {
  const read = header.encoding === 'ascii' ? readPlyTextRows : readPlyBinaryRows
  return read(source, header, position, element, wanted, signal)
}
