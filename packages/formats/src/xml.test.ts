import { expect, test } from 'vitest'
import { childNamed, readXml } from './xml.ts'

const limits = { deepest: 4, mostElements: 20 }
const read = (xml: string | Uint8Array) =>
  readXml(typeof xml === 'string' ? Buffer.from(xml) : xml, 'a.xml', limits)

test('elements, attributes, text and references to characters', () => {
  const root = read(
    `<?xml version="1.0" encoding="utf-8" ?>\r\n<!-- before --><a b = "1 &lt; 2" c='"&#x1F30D;'>
       one <!-- <d> --> two<d/>three &#65;&amp;B <d e=''>x</d ></a>\n<!-- after -->`,
  )
  expect(root.name).toBe('a')
  expect([...root.attributes]).toEqual([
    ['b', '1 < 2'],
    ['c', '"\u{1F30D}'],
  ])
  expect(root.text.replace(/\s+/g, ' ')).toBe('one twothree A&B')
  expect(root.children.map(({ name, text }) => [name, text])).toEqual([
    ['d', ''],
    ['d', 'x'],
  ])
  expect(childNamed(root, 'd')!.attributes.size).toBe(0)
  expect(childNamed(root, 'e')).toBeUndefined()
})

const utf16 = (text: string) => Buffer.from(text, 'utf16le')

test.each([
  ['UTF-8', Buffer.from('<a>Grün</a>')],
  ['UTF-8 with a mark', Buffer.from('\uFEFF<?xml version="1.0" encoding="UTF-8"?><a>Grün</a>')],
  ['UTF-16LE', utf16('\uFEFF<?xml version="1.0" encoding="UTF-16"?><a>Grün</a>')],
  ['UTF-16BE', utf16('\uFEFF<a>Grün</a>').swap16()],
])('%s is read', (_, bytes) => {
  expect(read(bytes).text).toBe('Grün')
})

const latin1 = Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>Grün</a>', 'latin1')

// biome-ignore format: one line each
const refused: [what: string, xml: string | Uint8Array, code: string, message: string][] = [
  ['ISO-8859-1', latin1, 'Unsupported', 'a.xml: expected XML in UTF-8, got ISO-8859-1'],
  ['UTF-7', '<?xml version="1.0" encoding="utf-7"?>+ADw-a/+AD4-', 'Unsupported', 'a.xml: expected XML in UTF-8, got utf-7'],
  ['UTF-16 that is UTF-8', '<?xml version="1.0" encoding="UTF-16"?><a/>', 'Unsupported', 'a.xml: expected XML in UTF-8, got UTF-16'],
  ['UTF-8 that is UTF-16', utf16('\uFEFF<?xml version="1.0" encoding="UTF-8"?><a/>'), 'Unsupported', 'a.xml: expected XML in UTF-16LE, got UTF-8'],
  ['UTF-16 without a mark', utf16('<a/>'), 'Unsupported', 'a.xml: expected UTF-8, or UTF-16 with a byte order mark'],
  ['half of a pair in UTF-16', Buffer.concat([utf16('\uFEFF<a>'), Buffer.of(0, 0xd8), utf16('</a>')]), 'Unsupported', 'a.xml: expected XML in UTF-16LE, got other bytes'],
  ['bytes that are no UTF-8', Buffer.of(0x3c, 0x61, 0xc0, 0xaf, 0x3e), 'Unsupported', 'a.xml: expected XML in UTF-8, got other bytes'],
  ['a document type', '<!DOCTYPE a><a/>', 'Unsupported', 'a.xml: expected XML without DOCTYPE, ENTITY and CDATA'],
  ['one in a comment', '<!-- <!doctype a> --><a/>', 'Unsupported', 'a.xml: expected XML without DOCTYPE, ENTITY and CDATA'],
  ['CDATA', '<a><![CDATA[<b>]]></a>', 'Unsupported', 'a.xml: expected XML without DOCTYPE, ENTITY and CDATA'],
  ['an entity of its own', '<a>&b;</a>', 'Corrupt', 'a.xml, character 3: expected text whose entities XML knows, got "&b;</a>"'],
  ['half of a pair', '<a>&#xD800;</a>', 'Corrupt', 'a.xml, character 3: expected text whose entities XML knows, got "&#xD800;</a>"'],
  ['an entity in an attribute', '<a b="&c;"/>', 'Corrupt', 'a.xml, character 10: expected text whose entities XML knows, got "/>"'],
  ['the end of DOS files', '<a/>\x1a', 'Corrupt', 'a.xml, character 4: expected no control characters, got one'],
  ['an instruction', '<a><?php x?></a>', 'Corrupt', 'a.xml, character 3: expected an element, got "<?php x?></a>"'],
  ['an attribute twice', '<a b="1" b="2"/>', 'Corrupt', 'a.xml, character 14: expected one attribute b, got "/>"'],
  ['an attribute without quotes', '<a b=1/>', 'Corrupt', 'a.xml, character 2: expected >, got " b=1/>"'],
  ['another end', '<a><b></a>', 'Corrupt', 'a.xml, character 10: expected </b> before, got ""'],
  ['no end', '<a><b/>', 'Corrupt', 'a.xml, character 7: expected </a>, got ""'],
  ['two roots', '<a/><b/>', 'Corrupt', 'a.xml, character 4: expected the end, got "<b/>"'],
  ['nothing', '', 'Corrupt', 'a.xml, character 0: expected an element, got ""'],
  ['five levels', '<a><a><a><a><a/></a></a></a></a>', 'Unsupported', 'a.xml, character 12: expected at most 4 elements inside each other, got more'],
  ['21 elements', `<a>${'<b/>'.repeat(20)}</a>`, 'Unsupported', 'a.xml, character 79: expected at most 20 elements, got more'],
  ['20 attributes', `<a${Array.from({ length: 20 }, (_, i) => ` b${i}=""`).join('')}/>`, 'Unsupported', 'a.xml, character 132: expected at most 20 elements, got more'],
  ['20 references', `<a>${'&lt;'.repeat(20)}</a>`, 'Unsupported', 'a.xml, character 3: expected at most 20 elements, got more'],
  ['a million characters of text and one', `<a>${'x'.repeat(500_000)}<!-- -->${'x'.repeat(500_001)}</a>`, 'Unsupported', 'a.xml, character 500011: expected at most 1000000 characters of text, got more'],
  ['as many in an attribute', `<a b="${'x'.repeat(1_000_001)}"/>`, 'Unsupported', 'a.xml, character 1000008: expected at most 1000000 characters of text, got more'],
]

test.each(refused)('%s is refused', (_, xml, code, message) => {
  expect(() => read(xml)).toThrow(expect.objectContaining({ name: 'FormatError', code, message }))
})

test('65 attributes are refused', () => {
  const attributes = Array.from({ length: 65 }, (_, i) => ` b${i}=""`).join('')
  const reading = () => readXml(Buffer.from(`<a${attributes}/>`), 'a.xml', { deepest: 1, mostElements: 1000 })
  expect(reading).toThrow(/at most 64 attributes/)
})

test('comments without number take no time to speak of', () => {
  const root = read(`<a>${'<!---->'.repeat(300_000)}</a>`)
  expect(root.text).toBe('')
})
