// What the XML of an E57 file says about its scans: where their records lie, of which fields they are, and where the
// scanner stood.
import type { E57Pages } from './e57-pages.ts'
import { corrupt, FormatError } from './format-error.ts'
import type { ScalarType } from './las-extra-bytes.ts'
import { childNamed, readXml } from './xml.ts'
import type { XmlElement } from './xml.ts'

export type E57Field = {
  readonly name: string
  /** How a value is stored: `bits` of a whole number above `least`, a float, nothing at all, or what is not read. */
  readonly stored:
    | { readonly kind: 'integer'; readonly bits: number; readonly least: number }
    | { readonly kind: 'float'; readonly bytes: 4 | 8 }
    | { readonly kind: 'string' }
  readonly scale: number
  readonly offset: number
  /** What it is kept as. */
  readonly type: ScalarType
}

export type E57Scan = {
  /** Begins the place of every FormatError about it. */
  readonly place: string
  /** Logical offset of its section. */
  readonly sectionOffset: number
  readonly recordCount: number
  readonly fields: readonly E57Field[]
  /** Turns and moves its points; row by row. */
  readonly pose?: { readonly rotation: readonly number[]; readonly translation: readonly number[] }
  readonly limits: ReadonlyMap<string, readonly [number, number]>
  /** GPS seconds that its time stamps count from, if that is known. */
  readonly start?: number
}

const mostXmlBytes = 32 * 1024 * 1024
const xmlLimits = { deepest: 32, mostElements: 500_000 }
const [mostScans, mostFields] = [10_000, 300]

export async function readE57Scans(
  pages: E57Pages,
): Promise<{ scans: E57Scan[]; coordinateMetadata: string }> {
  if (pages.xmlBytes > mostXmlBytes) {
    const problem = `expected at most ${mostXmlBytes} bytes of XML, got ${pages.xmlBytes}`
    throw new FormatError('Unsupported', 'byte 32', problem)
  }
  const xml = await pages.bytes.read(pages.xmlOffset, pages.xmlBytes)
  const root = readXml(withoutSections(xml), 'XML', xmlLimits)
  if (root.name !== 'e57Root') throw corrupt('XML', 'an element e57Root', root.name.slice(0, 40))
  const scans = childNamed(root, 'data3D')?.children ?? []
  if (scans.length > mostScans)
    throw new FormatError('Unsupported', 'XML', `expected at most ${mostScans} scans, got ${scans.length}`)
  return {
    scans: scans.map((scan, index) => readScan(scan, `scan ${index + 1}`, pages)),
    coordinateMetadata: childNamed(root, 'coordinateMetadata')?.text ?? '',
  }
}

/** Sections of plain text (CDATA), which every E57 file has, as the text that they are. */
function withoutSections(xml: Uint8Array): Uint8Array {
  const text = Buffer.from(xml).toString('latin1')
  const marks: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
  const plain = text.replace(/<!\[CDATA\[([\s\S]*?)\]\]>/g, (_, inside: string) =>
    inside.replace(/[&<>]/g, (mark) => marks[mark]!),
  )
  return Buffer.from(plain.replace(/[\0\s]+$/, ''), 'latin1')
}

function readScan(scan: XmlElement, place: string, pages: E57Pages): E57Scan {
  const points = childNamed(scan, 'points')
  if (points?.attributes.get('type') !== 'CompressedVector')
    throw corrupt(place, 'points of type CompressedVector', points?.attributes.get('type') ?? 'none')
  for (const codec of childNamed(points, 'codecs')?.children ?? []) {
    if (codec.children.some(({ name }) => name !== 'inputs' && name !== 'bitPackCodec'))
      throw new FormatError('Unsupported', place, 'expected the codec bitPackCodec, got another')
  }
  const prototype = childNamed(points, 'prototype')?.children ?? []
  if (prototype.length === 0 || prototype.length > mostFields)
    throw corrupt(place, `1 to ${mostFields} fields of a point`, prototype.length)
  const pose = childNamed(scan, 'pose')
  const start = numberIn(childNamed(scan, 'acquisitionStart'), 'dateTimeValue', 0, place)
  return {
    place,
    sectionOffset: pages.logicalOffset(wholeAttribute(points, 'fileOffset', place), place),
    recordCount: wholeAttribute(points, 'recordCount', place),
    fields: prototype.map((field) => readField(field, `${place}, ${field.name.slice(0, 40)}`)),
    limits: readLimits(scan, place),
    ...(pose && { pose: readPose(pose, place) }),
    ...(start > 0 && { start }),
  }
}

function readField(field: XmlElement, place: string): E57Field {
  // A prefix stands for an extension of the format, such as `nor:normalX`.
  const name = field.name.replace(/^.*:/, '')
  const kind = field.attributes.get('type')
  const plain = { name, scale: 1, offset: 0 }
  if (kind === 'String') return { ...plain, stored: { kind: 'string' }, type: 'uint8' }
  if (kind === 'Float') {
    const single = field.attributes.get('precision') === 'single'
    const stored = { kind: 'float', bytes: single ? 4 : 8 } as const
    return { ...plain, stored, type: single ? 'float32' : 'float64' }
  }
  if (kind !== 'Integer' && kind !== 'ScaledInteger')
    throw new FormatError('Unsupported', place, `expected a number or a string, got type ${kind}`)
  const least = bigAttribute(field, 'minimum', -(2n ** 63n), place)
  const most = bigAttribute(field, 'maximum', 2n ** 63n - 1n, place)
  if (most < least) throw corrupt(place, `a maximum of at least ${least}`, most)
  const bits = most === least ? 0 : (most - least).toString(2).length
  if (bits > 64) throw corrupt(place, 'numbers of at most 64 bits', bits)
  const stored = { kind: 'integer', bits, least: Number(least) } as const
  if (kind === 'Integer') return { ...plain, stored, type: smallestType(least, most) }
  const [scale, offset] = [
    numberAttribute(field, 'scale', 1, place),
    numberAttribute(field, 'offset', 0, place),
  ]
  return { name, scale, offset, stored, type: 'float64' }
}

/** The smallest type of LAS for these whole numbers; beyond what doubles can tell apart it is a double. */
function smallestType(least: bigint, most: bigint): ScalarType {
  for (const bits of [8n, 16n, 32n, 53n]) {
    const name = bits === 53n ? 64n : bits
    if (least >= 0n && most < 2n ** bits) return `uint${name}` as ScalarType
    if (least >= -(2n ** (bits - 1n)) && most < 2n ** (bits - 1n)) return `int${name}` as ScalarType
  }
  return 'float64'
}

/** Lower and upper ends of the scales of intensities and colours, by the field's name. */
function readLimits(scan: XmlElement, place: string): Map<string, readonly [number, number]> {
  const limits = new Map<string, readonly [number, number]>()
  const add = (field: string, element: string, name: string) => {
    const parent = childNamed(scan, element)
    if (parent === undefined) return
    limits.set(field, [
      numberIn(parent, `${name}Minimum`, 0, place),
      numberIn(parent, `${name}Maximum`, 0, place),
    ])
  }
  add('intensity', 'intensityLimits', 'intensity')
  for (const band of ['Red', 'Green', 'Blue']) add(`color${band}`, 'colorLimits', `color${band}`)
  return limits
}

/** Rotation by a quaternion of any length but none, then translation. */
function readPose(pose: XmlElement, place: string): NonNullable<E57Scan['pose']> {
  const quaternion = childNamed(pose, 'rotation')
  const moved = childNamed(pose, 'translation')
  let [w, x, y, z] = ['w', 'x', 'y', 'z'].map((name) =>
    numberIn(quaternion, name, name === 'w' && quaternion === undefined ? 1 : 0, place),
  ) as [number, number, number, number]
  const length = Math.hypot(w, x, y, z)
  if (!(length > 0 && length < 1e100))
    throw corrupt(`${place}, pose`, 'a rotation', `a quaternion of length ${length}`)
  ;[w, x, y, z] = [w / length, x / length, y / length, z / length]
  return {
    rotation: [
      ...[1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
      ...[2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
      ...[2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ],
    translation: ['x', 'y', 'z'].map((axis) => numberIn(moved, axis, 0, place)),
  }
}

/** The number in a child; an empty element stands for 0. */
function numberIn(parent: XmlElement | undefined, name: string, absent: number, place: string): number {
  const child = parent && childNamed(parent, name)
  if (child === undefined) return absent
  return finite(child.text === '' ? '0' : child.text, `${place}, ${name}`)
}

function numberAttribute(element: XmlElement, name: string, absent: number, place: string): number {
  const text = element.attributes.get(name)
  return text === undefined ? absent : finite(text, `${place}, ${name}`)
}

function finite(text: string, place: string): number {
  const value = /^[-+.\deE]{1,60}$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isFinite(value)) throw corrupt(place, 'a number', JSON.stringify(text.slice(0, 40)))
  return value
}

function bigAttribute(element: XmlElement, name: string, absent: bigint, place: string): bigint {
  const text = element.attributes.get(name)
  if (text === undefined) return absent
  if (!/^[-+]?\d{1,20}$/.test(text))
    throw corrupt(`${place}, ${name}`, 'a whole number', JSON.stringify(text.slice(0, 40)))
  return BigInt(text.replace('+', ''))
}

function wholeAttribute(element: XmlElement, name: string, place: string): number {
  const text = element.attributes.get(name) ?? ''
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(value))
    throw corrupt(`${place}, ${name}`, 'a whole number', JSON.stringify(text.slice(0, 40)))
  return value
}
