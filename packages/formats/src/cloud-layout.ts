// Where the columns of another format go in LAS records: into the dimension of their meaning if their values fit there,
// else into extra bytes of their own type and name, so that nothing is lost.
import { FormatError } from './format-error.ts'
import type { CloudSurvey, ColumnSurvey } from './cloud-survey.ts'
import type { CloudColumn, ForeignCloud } from './foreign-cloud.ts'
import { descriptorBytes, encodeExtraBytesField, scalarSizeBytes } from './las-extra-bytes.ts'
import type { ScalarType } from './las-extra-bytes.ts'
import { baseRecordLength } from './las-point-formats.ts'

/** One column: its place in the record, and the whole number or the value that is stored for a value v: (v - from) * scale. */
export type ColumnTarget = {
  readonly column: number
  readonly offsetBytes: number
  /** `low4` and `high4`: half of a byte. */
  readonly type: ScalarType | 'low4' | 'high4'
  readonly from: number
  readonly scale: number
}

export type CloudLayout = {
  readonly pointFormat: 6 | 7
  readonly recordLength: number
  /** Payload of the Extra Bytes VLR; empty without extra bytes. */
  readonly extraBytes: Uint8Array
  readonly targets: readonly ColumnTarget[]
  /** Return number and number of returns of a point before the targets are written. */
  readonly returnByte: number
}

type Meaning =
  | 'red'
  | 'green'
  | 'blue'
  | 'intensity'
  | 'classification'
  | 'returnNumber'
  | 'numberOfReturns'
  | 'userData'
  | 'scanAngle'
  | 'pointSourceId'
  | 'gpsTime'

/** Names without capitals, marks and the `scalar_` that CloudCompare puts before them. */
const meanings: Readonly<Record<string, Meaning>> = {
  ...{ red: 'red', r: 'red', diffusered: 'red', colorred: 'red' },
  ...{ green: 'green', g: 'green', diffusegreen: 'green', colorgreen: 'green' },
  ...{ blue: 'blue', b: 'blue', diffuseblue: 'blue', colorblue: 'blue' },
  ...{ intensity: 'intensity', i: 'intensity', reflectance: 'intensity' },
  ...{ classification: 'classification', class: 'classification' },
  ...{ returnnumber: 'returnNumber', numberofreturns: 'numberOfReturns', returncount: 'numberOfReturns' },
  ...{ userdata: 'userData', pointsourceid: 'pointSourceId' },
  ...{ scanangle: 'scanAngle', scananglerank: 'scanAngle', gpstime: 'gpsTime' },
}

function meaningOf(name: string): Meaning | undefined {
  const lower = name.toLowerCase()
  const plain = lower.replace(/^scalar_/, '').replace(/[^a-z0-9]/g, '')
  return Object.hasOwn(meanings, plain) ? meanings[plain] : undefined
}

/** The band of colour that a column of this name holds. */
export function colourBand(name: string): 'red' | 'green' | 'blue' | undefined {
  const meaning = meaningOf(name)
  return meaning === 'red' || meaning === 'green' || meaning === 'blue' ? meaning : undefined
}

const mostColumns = Math.floor(0xffff / descriptorBytes)

export function layOutCloud({ columns }: ForeignCloud, survey: CloudSurvey): CloudLayout {
  const byMeaning = new Map<Meaning, number>()
  for (const [index, { name }] of columns.entries()) {
    const meaning = meaningOf(name)
    if (meaning !== undefined && !byMeaning.has(meaning)) byMeaning.set(meaning, index)
  }
  const targets: ColumnTarget[] = []
  const put = (meaning: Meaning, offsetBytes: number, type: ColumnTarget['type'], from = 0, scale = 1) => {
    targets.push({ column: byMeaning.get(meaning)!, offsetBytes, type, from, scale })
  }
  const surveyOf = (meaning: Meaning) => survey.columns[byMeaning.get(meaning) ?? -1]
  const isWhole = (meaning: Meaning, least: number, most: number) => {
    const found = surveyOf(meaning)
    return found?.whole === true && found.min >= least && found.max <= most
  }

  const bands = (['red', 'green', 'blue'] as const).map((band) => byMeaning.get(band))
  const colours = bands.every((band) => band !== undefined) ? fullScale(bands, columns, survey) : undefined
  if (colours) {
    for (const [i, band] of (['red', 'green', 'blue'] as const).entries())
      put(band, 30 + 2 * i, 'uint16', colours.from, 65_535 / colours.span)
  }
  const intensity = byMeaning.get('intensity')
  if (intensity !== undefined) {
    const { from, scale } = intensityScale(columns[intensity]!, survey.columns[intensity]!)
    if (Number.isFinite(scale)) put('intensity', 12, 'uint16', from, scale)
  }
  if (isWhole('classification', 0, 255)) put('classification', 16, 'uint8')
  if (isWhole('userData', 0, 255)) put('userData', 17, 'uint8')
  if (isWhole('pointSourceId', 0, 65_535)) put('pointSourceId', 20, 'uint16')
  const angle = surveyOf('scanAngle')
  // Steps of 0.006 degrees (LAS 1.4, table 14).
  if (angle && angle.min >= -180 && angle.max <= 180) put('scanAngle', 18, 'int16', 0, 1 / 0.006)
  if (byMeaning.has('gpsTime')) put('gpsTime', 22, 'float64')
  let returnByte = 0x11
  if (isWhole('returnNumber', 0, 15)) {
    put('returnNumber', 14, 'low4')
    returnByte = Math.max(1, surveyOf('returnNumber')!.max) << 4
  }
  if (isWhole('numberOfReturns', 0, 15)) {
    put('numberOfReturns', 14, 'high4')
    returnByte &= 0x0f
  }
  const pointFormat = colours ? 7 : 6
  return {
    pointFormat,
    targets,
    returnByte,
    ...addExtraBytes(columns, targets, baseRecordLength(pointFormat)),
  }
}

/** Adds a target for every column that has none yet. */
function addExtraBytes(columns: readonly CloudColumn[], targets: ColumnTarget[], baseLength: number) {
  const placed = new Set(targets.map(({ column }) => column))
  const left = [...columns.entries()].filter(([index]) => !placed.has(index))
  if (left.length > mostColumns) {
    throw new FormatError('Unsupported', 'columns', `expected at most ${mostColumns}, got ${left.length}`)
  }
  let recordLength = baseLength
  const names = new Set<string>()
  const fields = left.map(([column, { name, type }]) => {
    targets.push({ column, offsetBytes: recordLength, type, from: 0, scale: 1 })
    recordLength += scalarSizeBytes(type)
    return encodeExtraBytesField({ name: freeName(name, names), description: '', type })
  })
  return { recordLength, extraBytes: new Uint8Array(Buffer.concat(fields)) }
}

/** The name cut to the 32 bytes it may have, with a number behind it where it is taken. */
function freeName(name: string, taken: Set<string>): string {
  let free = name.slice(0, 32)
  for (let n = 2; taken.has(free); n++) free = `${name.slice(0, 32 - `_${n}`.length)}_${n}`
  taken.add(free)
  return free
}

/** What a colour lies between; undefined where it is no colour that 16 bits could hold. */
function fullScale(
  bands: readonly (number | undefined)[],
  columns: readonly CloudColumn[],
  survey: CloudSurvey,
): { from: number; span: number } | undefined {
  const found = bands.map((band) => survey.columns[band!]!)
  const stated = bands.map((band) => statedRange(columns[band!]!))
  const [first] = stated
  if (first && stated.every((range) => range?.[0] === first[0] && range[1] === first[1]))
    return { from: first[0], span: first[1] - first[0] }
  const max = Math.max(...found.map((column) => column.max))
  if (!found.every(({ min }) => min >= 0) || !(max <= 65_535)) return undefined
  const isReal = bands.some((band) => columns[band!]!.type.startsWith('float'))
  if (isReal && max <= 1) return { from: 0, span: 1 }
  return { from: 0, span: max <= 255 ? 255 : 65_535 }
}

function statedRange({ type, range }: CloudColumn): readonly [number, number] | undefined {
  if (range !== undefined && range[1] > range[0]) return range
  if (type === 'uint8') return [0, 255]
  return type === 'uint16' ? [0, 65_535] : undefined
}

/** Whole numbers of 16 bits are kept as they are; fractions of 1, and what does not fit, are stretched over 16 bits. */
function intensityScale(
  { type, range }: CloudColumn,
  { min, max, whole }: ColumnSurvey,
): { from: number; scale: number } {
  const real = type.startsWith('float')
  if (real && range !== undefined && range[1] > range[0] && min >= range[0] && max <= range[1]) {
    return { from: range[0], scale: 65_535 / (range[1] - range[0]) }
  }
  if (min >= 0 && max <= 65_535 && (whole || max > 1)) return { from: 0, scale: 1 }
  if (min >= 0 && max <= 1) return { from: 0, scale: 65_535 }
  return { from: min, scale: max > min ? 65_535 / (max - min) : Number.NaN }
}
