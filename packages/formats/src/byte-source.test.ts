import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { memorySource, openFile } from './byte-source.ts'
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
