// Writes LAS and LAZ files as LAZ and holds the result to the original: records as laz-perf and laz-rs decode them,
// and, for LAZ with chunks of 50,000 points, the coded bytes. Without files: all of the test data.
// Usage: node packages/formats/bench/check-laz.ts [FILE...]
import { mkdtemp, readFile, rm, glob } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { canWriteLaz, createLasWriter, memorySource, readLasHeader, readPointBatches } from '../src/index.ts'
import { readLazChunks } from '../src/laz-chunks.ts'
import { decodeWithLazRs } from '../src/laz-rs.fixture.ts'
import { pointCloudFile } from '../src/real-data.fixture.ts'

const files = process.argv.slice(2)
if (files.length === 0) {
  for await (const name of glob('**/*.{las,laz}', { cwd: pointCloudFile('') }))
    files.push(pointCloudFile(name))
}

const folder = await mkdtemp(join(tmpdir(), 'alidade-check-'))
try {
  console.log('| file | format | points | maker | our bytes / theirs | equal chunks | laz-perf | laz-rs |')
  console.log('|---|---|---|---|---|---|---|---|')
  for (const path of files.toSorted()) await check(path)
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function check(path: string): Promise<void> {
  const original = await readFile(path)
  const { header, records } = await readCloud(original)
  if (!canWriteLaz(header.pointFormat)) return
  const to = join(folder, 'written.laz')
  const writer = await createLasWriter(to, { like: header, compressed: true, threads: 2 })
  await writer.append(records, header.pointCount)
  await writer.close()
  const written = await readFile(to)
  const read = await readCloud(written)
  const lazRs = await decodeWithLazRs(written, read.header)
  const [ours, theirs] = [await chunksOf(written), await chunksOf(original)]
  const equal = ours.filter((chunk, i) => theirs[i]?.equals(chunk)).length
  const sameChunks = header.laszip?.chunkPoints === 50_000
  const cells = [
    basename(path),
    header.pointFormat,
    header.pointCount,
    header.generatingSoftware || '?',
    sameChunks ? (bytes(ours) / bytes(theirs)).toFixed(5) : `${bytes(ours)} / -`,
    sameChunks ? `${equal} of ${theirs.length}` : '-',
    verdict(read.records.equals(records)),
    verdict(lazRs.equals(records)),
  ]
  console.log(`| ${cells.join(' | ')} |`)
}

function verdict(same: boolean): string {
  if (!same) process.exitCode = 1
  return same ? 'same' : 'DIFFERENT'
}

async function readCloud(file: Uint8Array) {
  const source = memorySource(file)
  const header = await readLasHeader(source)
  const records = Buffer.alloc(header.pointCount * header.pointRecordLength)
  for await (const batch of readPointBatches(source, header)) {
    records.set(batch.records, batch.firstIndex * header.pointRecordLength)
  }
  return { header, records }
}

async function chunksOf(file: Buffer): Promise<Buffer[]> {
  const source = memorySource(file)
  const header = await readLasHeader(source)
  if (!header.compressed) return []
  const { offsets, sizes } = await readLazChunks(source, header)
  return Array.from(offsets, (offset, i) => file.subarray(offset, offset + sizes[i]!))
}

function bytes(chunks: readonly Buffer[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0)
}
