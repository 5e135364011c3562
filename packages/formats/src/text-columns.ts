// What the columns of a text of points mean: by a line of names, or by their places.
import { parseDecimal } from './decimal.ts'
import { corrupt, FormatError } from './format-error.ts'
import type { CloudColumn } from './foreign-cloud.ts'

export type TextLayout = {
  /** What stands between the words of a line. */
  readonly separators: string
  readonly columnCount: number
  /** Indices of x, y and z. */
  readonly places: readonly [number, number, number]
  readonly columns: readonly (CloudColumn & { readonly index: number })[]
  /** Number of the line with the first point. */
  readonly firstLine: number
  /** Points that the file says it has (`.pts`). */
  readonly statedCount?: number
}

const axisNames = [
  ['x', 'easting', 'east'],
  ['y', 'northing', 'north'],
  ['z', 'elevation', 'height', 'altitude'],
] as const
const mostColumns = 400

/** Lines that begin so are remarks, the first of which may name the columns. */
export const remark = /^\s*(?:#|\/\/|%)/

/** Layout by the first lines of a file; undefined where none of them has a point. */
export function layOutText(lines: readonly string[]): TextLayout | undefined {
  let names: string[] | undefined
  let titled = false
  let statedCount: number | undefined
  for (const [index, line] of lines.entries()) {
    const place = `line ${index + 1}`
    if (line.trim() === '') continue
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters tell that it is no text
    if (/[\0-\x08\x0e-\x1f]/.test(line))
      throw new FormatError('NotAPointCloud', place, 'expected lines of numbers, got bytes that are no text')
    const separators = separatorsOf(line)
    if (remark.test(line)) {
      names ??= axesIn(wordsOf(line.replace(remark, ''), separators))
      continue
    }
    const words = wordsOf(line, separators)
    if (words.length > mostColumns)
      throw new FormatError(
        'Unsupported',
        place,
        `expected at most ${mostColumns} columns, got ${words.length}`,
      )
    if (words.every(isNumber)) {
      if (words.length === 1 && statedCount === undefined && /^\d{1,15}$/.test(words[0]!)) {
        statedCount = Number(words[0])
        continue
      }
      return {
        ...layoutOf(names, words.length, lines.slice(index), place),
        firstLine: index + 1,
        separators,
        ...(statedCount !== undefined && { statedCount }),
      }
    }
    refuseDecimalComma(words, line, place)
    if (titled) throw corrupt(place, 'numbers', JSON.stringify(line.trim().slice(0, 60)))
    titled = true
    names = axesIn(words) ?? names
    if (names === undefined) {
      const got = JSON.stringify(line.trim().slice(0, 60))
      throw new FormatError(
        'NotAPointCloud',
        place,
        `expected numbers, or the names of columns x, y and z among them, got ${got}`,
      )
    }
  }
  return undefined
}

function separatorsOf(line: string): string {
  if (line.includes(';')) return ';'
  return line.includes(',') && !/^\s*[-+]?\d+,\d+(?:\s+[-+]?\d+,\d+)+\s*$/.test(line) ? ',' : ' \t'
}

function wordsOf(line: string, separators: string): string[] {
  const words = separators === ' \t' ? line.trim().split(/\s+/) : line.split(separators)
  return words.map((word) => word.trim().replace(/^"(.*)"$/, '$1')).filter((word) => word !== '')
}

export function isNumber(word: string): boolean {
  const bytes = Buffer.from(word, 'latin1')
  return /^[+-]?nan$/i.test(word) || !Number.isNaN(parseDecimal(bytes, 0, bytes.length))
}

function refuseDecimalComma(words: readonly string[], line: string, place: string): void {
  const word = words.find((word) => /^[-+]?\d+,\d+$/.test(word))
  if (word === undefined) return
  const problem = `expected decimal points, got the decimal comma of ${word} in ${JSON.stringify(line.trim().slice(0, 60))}`
  throw new FormatError('Unsupported', place, problem)
}

/** The words as names, if x, y and z are among them. */
function axesIn(words: readonly string[]): string[] | undefined {
  // Units behind a name, such as `x [m]` or `z(m)`, are not part of it.
  const names = words.map((word) => word.replace(/\s*[[(].*$/, '')).filter((name) => name !== '')
  return axisNames.every((axis) => axisIndex(names, axis) >= 0) ? names : undefined
}

function axisIndex(names: readonly string[], axis: readonly string[]): number {
  return names.findIndex((name) => axis.includes(name.toLowerCase()))
}

function layoutOf(names: string[] | undefined, count: number, lines: readonly string[], place: string) {
  if (names === undefined) {
    if (count < 3) throw corrupt(place, 'three coordinates or more', `${count} numbers`)
    const byPlace = ['x', 'y', 'z', ...otherNames(count, lines)]
    return layoutByNames(byPlace)
  }
  if (names.length !== count)
    throw corrupt(place, `${names.length} numbers, as many as there are names`, count)
  return layoutByNames(names)
}

function layoutByNames(names: readonly string[]) {
  const places = axisNames.map((axis) => axisIndex(names, axis)) as [number, number, number]
  const columns = names.flatMap((name, index) =>
    places.includes(index) ? [] : [{ name, type: 'float64' as const, index }],
  )
  return { places, columns, columnCount: names.length }
}

/** Names behind x, y and z: an intensity, colours, both, or none that is known. */
function otherNames(count: number, lines: readonly string[]): string[] {
  const names = Array.from({ length: count - 3 }, (_, i) => `column${i + 4}`)
  if (count === 4 || count === 7) names[0] = 'intensity'
  if ((count === 6 || count === 7) && lines.every((line) => looksColoured(line, count)))
    names.splice(count - 6, 3, 'red', 'green', 'blue')
  return names
}

/** Whether the last three words of a line could be a colour: anything else is as likely a normal. */
function looksColoured(line: string, count: number): boolean {
  if (remark.test(line)) return true
  const words = wordsOf(line, separatorsOf(line))
  return words.length !== count || words.slice(-3).every((word) => /^\d{1,5}(?:\.0*)?$/.test(word))
}
