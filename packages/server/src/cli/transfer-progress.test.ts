import { expect, test } from 'vitest'
import { formatBytes, transferProgress } from './transfer-progress.ts'

function shown(isTTY: boolean, ...done: number[]): string {
  const parts: string[] = []
  const out = { isTTY, write: (part: string) => void parts.push(part) }
  const progress = transferProgress(out as unknown as NodeJS.WritableStream)
  for (const doneBytes of done) {
    const doneFiles = doneBytes === 1000 ? 2 : 0
    progress.show({
      name: 'a',
      doneBytes,
      totalBytes: 1000,
      doneFiles,
      totalFiles: 2,
      bytesPerSecond: 12_345_678,
    })
  }
  progress.end()
  return parts.join('')
}

test('elsewhere than on a terminal there is a line for every ten percent, and one for the end', () => {
  expect(shown(false, 10, 50, 100, 180, 250, 1000).split('\n')).toEqual([
    '  1 %  10 B of 1.0 kB  0 of 2 files  12.3 MB/s',
    ' 18 %  180 B of 1.0 kB  0 of 2 files  12.3 MB/s',
    '100 %  1.0 kB of 1.0 kB  2 of 2 files  12.3 MB/s',
    '',
  ])
})

test('on a terminal one line is drawn over, no more often than can be seen', () => {
  const text = shown(true, 10, 50, 100, 180, 1000)
  expect(text.match(/\r/g)).toHaveLength(2)
  expect(text).toMatch(/\[#{30}\] 100 % .*\n$/)
})

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [12_345_678, '12.3 MB'],
  [20e9, '20.0 GB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})
