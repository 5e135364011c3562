// Damage at random, the same for the same seed: to bytes, and to texts in ways that leave most of them texts.

type Random = () => number

const pick = <T>(values: readonly T[], random: Random): T => values[Math.floor(random() * values.length)]!

/**
 * One to eight changes, half of them in the first `headBytes`: bytes, or numbers of eight or four bytes at their
 * extremes; now and then the end is cut off.
 */
export function mutateBytes(bytes: Uint8Array, headBytes: number, random: Random): Uint8Array {
  // Not slice(): of a Buffer that is a view.
  const copy = Buffer.from(new Uint8Array(bytes))
  const changes = 1 + Math.floor(random() * 8)
  for (let i = 0; i < changes; i++) {
    const range = random() < 0.5 ? Math.min(headBytes, copy.length) : copy.length
    const at = Math.floor(random() * range)
    if (random() < 0.2 && at + 8 <= copy.length) pick(extremes, random)(copy, at)
    else copy[at] = [0, 0xff, 0x7f, 0x80][Math.floor(random() * 8)] ?? Math.floor(random() * 256)
  }
  return random() < 0.15 ? copy.subarray(0, Math.floor(random() * copy.length)) : copy
}

const extremes: readonly ((bytes: Buffer, at: number) => void)[] = [
  (bytes, at) => bytes.writeDoubleLE(Number.NaN, at),
  (bytes, at) => bytes.writeDoubleLE(Infinity, at),
  (bytes, at) => bytes.writeDoubleLE(-1e300, at),
  (bytes, at) => bytes.writeDoubleLE(5e-324, at),
  (bytes, at) => bytes.writeBigUInt64LE(2n ** 64n - 1n, at),
  (bytes, at) => bytes.writeBigUInt64LE(2n ** 33n, at),
  (bytes, at) => bytes.writeUInt32LE(0xffffffff, at),
  (bytes, at) => bytes.writeUInt32LE(0x7fffffff, at),
  (bytes, at) => bytes.writeUInt32LE(Math.floor(bytes.length / 2), at),
]

const numbers = ['0', '-1', '1e308', '1e-320', '-0', 'NaN', 'Infinity', '90', '180', '99999999999999999999', '0.1', '""', 'null'] // biome-ignore format: one line
const instead = [...numbers, '[]', '{}', 'X[1]', 'true', '"EPSG"', '"\u0000"']
const marks = [
  '"',
  '[',
  ']',
  '{',
  '}',
  ',',
  ':',
  '\\',
  '\0',
  '+',
  ' ',
  '__proto__',
  'constructor',
  '\u{1F30D}',
]

/**
 * One to four changes, more of them near the start: a number or a text to another value, a stretch doubled, dropped or
 * moved, a mark put in, or bytes.
 */
export function mutateText(bytes: Uint8Array, random: Random): Uint8Array {
  let text = Buffer.from(bytes).toString('latin1')
  const changes = 1 + Math.floor(random() * 4)
  for (let i = 0; i < changes; i++) {
    const [from, length] = [Math.floor(random() ** 2 * text.length), Math.floor(random() ** 3 * 200)]
    const [before, stretch, after] = [
      text.slice(0, from),
      text.slice(from, from + length),
      text.slice(from + length),
    ]
    const kind = random()
    if (kind < 0.15) text = withQuoted(text, from, pick(instead, random))
    else if (kind < 0.4) text = withNumber(text, from, pick(numbers, random))
    else if (kind < 0.55) text = before + stretch.repeat(2 + Math.floor(random() ** 4 * 50)) + after
    else if (kind < 0.7) text = before + after
    else if (kind < 0.8) text = after + stretch + before
    else if (kind < 0.95) text = before + pick(marks, random) + stretch + after
    else return mutateBytes(Buffer.from(text, 'latin1'), 50, random)
  }
  return Buffer.from(text, 'latin1')
}

/** The first quoted text behind `from` is something else. */
function withQuoted(text: string, from: number, value: string): string {
  return text.slice(0, from) + text.slice(from).replace(/"[^"]*"/, value)
}

/** The first number behind `from` is another. */
function withNumber(text: string, from: number, number: string): string {
  const rest = text.slice(from)
  return text.slice(0, from) + rest.replace(/(?<![\w.])-?\d[\d.eE+-]*/, number)
}
