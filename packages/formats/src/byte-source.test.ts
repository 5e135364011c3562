import { execFile } from 'node:child_process'
import { rename, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { fileVersion, memorySource, openFile, type Segment } from './byte-source.ts'
import { FormatError } from './format-error.ts'
import { temporaryFolder } from './las.fixture.ts'

async function segmentFiles(...texts: string[]) {
  const folder = await temporaryFolder()
  const segments = texts.map((text, i) => ({ path: join(folder, `${i}`), sizeBytes: text.length }))
  for (const [i, text] of texts.entries()) await writeFile(segments[i]!.path, text)
  return segments
}

test('several segments read as one file, also across their joints and past empty ones', async () => {
  const source = await openFile(await segmentFiles('abc', '', 'de', 'fghi'))
  try {
    expect(source.sizeBytes).toBe(9)
    for (let from = 0; from <= 9; from++) {
      for (let to = from; to <= 9; to++) {
        const text = Buffer.from(await source.read(from, to - from)).toString()
        expect(text).toBe('abcdefghi'.slice(from, to))
      }
    }
  } finally {
    await source.close()
  }
})

test('a single path is a source of its own size', async () => {
  const [segment] = await segmentFiles('hello')
  const source = await openFile(segment!.path)
  expect(source.segments).toEqual([{ path: segment!.path, sizeBytes: 5 }])
  expect(Buffer.from(await source.read(1, 3)).toString()).toBe('ell')
  await source.close()
})

test('a range that leaves the source is a RangeError', async () => {
  const [segment] = await segmentFiles('hello')
  const source = await openFile([segment!])
  for (const [offset, length] of [
    [3, 3],
    [-1, 1],
    [0.5, 1],
    [6, 0],
    [0, Number.NaN],
  ] as const) {
    await expect(source.read(offset, length)).rejects.toThrow(RangeError)
    await expect(memorySource(new Uint8Array(5)).read(offset, length)).rejects.toThrow(RangeError)
  }
  await source.close()
})

test('a segment whose file has another size than stated is refused on opening', async () => {
  const [first, second] = await segmentFiles('abc', 'def')
  await writeFile(second!.path, 'de')
  await expect(openFile([first!, second!])).rejects.toMatchObject({
    code: 'Corrupt',
    message: 'size: expected a file of 3 bytes, got 2',
  })
})

test('a folder is not a source', async () => {
  await expect(openFile(await temporaryFolder())).rejects.toThrow(/^input: expected a plain file$/)
})

async function versioned(text: string): Promise<Segment> {
  const [segment] = await segmentFiles(text)
  return { ...segment!, version: fileVersion(await stat(segment!.path, { bigint: true })) }
}

test.each([
  ['written to', (path: string) => writeFile(path, 'world')],
  ['touched', (path: string) => utimes(path, new Date(1), new Date(1))],
  ['cut off', (path: string) => truncate(path, 2)],
])(
  'a file of which a version is wanted fails to open, and to be read on, once it was %s',
  async (_, change) => {
    const segment = await versioned('hello')
    const source = await openFile([segment])
    expect(Buffer.from(await source.read(0, 5)).toString()).toBe('hello')
    // Threads that open it for themselves want the same version.
    expect(source.segments).toEqual([segment])
    await change(segment.path)
    await expect(source.read(0, 2)).rejects.toMatchObject({ code: 'Changed' })
    await expect(source.read(0, 5)).rejects.toMatchObject({ code: 'Changed' })
    await source.close()
    await expect(openFile([segment])).rejects.toMatchObject({ code: 'Changed' })
  },
)

test('what was put in place of a file of which a version is wanted is not opened: a file, a link, a pipe', async () => {
  const segment = await versioned('hello')
  const other = `${segment.path}-other`
  const replacements = [
    () => writeFile(segment.path, 'hello'),
    () => symlink(other, segment.path),
    () => promisify(execFile)('mkfifo', [segment.path]),
  ]
  await rename(segment.path, other)
  for (const replace of replacements) {
    await rm(segment.path, { force: true })
    await replace()
    await expect(openFile([segment])).rejects.toBeInstanceOf(FormatError)
  }
})
