import { expect, test } from 'vitest'
import { parseBlobList } from './list-blobs.ts'
import { readXml } from './read-xml.ts'

const listOf = (blobs: string, next = '<NextMarker />') =>
  `\ufeff<?xml version="1.0" encoding="utf-8"?>\n<EnumerationResults ContainerName='c'>\n <Blobs>${blobs}</Blobs>\n ${next}\n</EnumerationResults>\n`
const blobOf = (name: string, length = '7', attributes = '') =>
  `<Blob><Name${attributes}>${name}</Name><Properties><Content-Length>${length}</Content-Length><Etag>0x8D</Etag></Properties><OrMetadata/></Blob>`

test('names keep their white space, and entities in them are decoded', () => {
  const name = ' a &amp; b &lt;c&gt; &quot;d&quot; &apos;e&apos; &#228;&#xE4;&#x1F4A1; &amp;amp; '
  expect(parseBlobList(listOf(blobOf(name))).blobs).toEqual([
    { name: ` a & b <c> "d" 'e' ää💡 &amp; `, sizeBytes: 7, etag: '"0x8D"' },
  ])
})

test('names that say they are percent-encoded are decoded, others are not', () => {
  const page = parseBlobList(listOf(blobOf('a%20b', '0', ' Encoded="true"') + blobOf('a%20b')))
  expect(page.blobs.map(({ name }) => name)).toEqual(['a b', 'a%20b'])
})

test('the marker of the next page is absent on the last', () => {
  expect(parseBlobList(listOf(''))).toEqual({ blobs: [] })
  expect(parseBlobList(listOf('', '<NextMarker>n&amp;1</NextMarker>'))).toEqual({
    blobs: [],
    nextMarker: 'n&1',
  })
})

test.each([
  '',
  '<html><body>Sign in</body></html>',
  '<EnumerationResults/>',
  listOf(blobOf('')),
  listOf(blobOf('a', '-1')),
  listOf(blobOf('a', '1e3')),
  listOf(blobOf('a', '99999999999999999999')),
  listOf('<Blob><Name>a</Name></Blob>'),
  listOf(blobOf('a')).slice(0, -30),
])('what is no list of blobs is refused: %j', (text) => {
  expect(() => parseBlobList(text)).toThrow(SyntaxError)
})

test.each([
  '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
  '<a>&x;</a>',
  '<a>&constructor;</a>',
  '<a>& </a>',
  '<a>&amp</a>',
  '<a>&#0;</a>',
  '<a>&#xD800;</a>',
  '<a>&#x110000;</a>',
  '<a><b></a></b>',
  '<a></a><b></b>',
  '<a b=c></a>',
  '<a><!-- --></a>',
  '<a><![CDATA[x]]></a>',
  '<a',
  'a',
])('XML outside the dialect is refused: %j', (text) => {
  expect(() => readXml(text)).toThrow(SyntaxError)
})

test('depth does not matter', () => {
  const depth = 200_000
  expect(readXml('<a>'.repeat(depth) + '</a>'.repeat(depth)).name).toBe('a')
})
