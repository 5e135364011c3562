/**
 * What a blob may be called. A name is a key: no adapter may turn it into a path. The rules below protect
 * those who later write a blob to a disk under its name, and keep every name printable in XML.
 */
import { BlobStoreError } from './blob-store.ts'

export const maxNameLength = 1024

/** C0, DEL, C1 and the two non-characters that XML 1.0 (2.2) cannot carry. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const unprintable = /[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/

/**
 * The one spelling of a blob name: Unicode NFC, `/` for `\`. So a name written on a Mac (NFD) and on Windows
 * is found by everybody.
 *
 * Refused (`InvalidName`): empty; longer than 1024 UTF-16 units; unpaired surrogates; control characters; a
 * segment `.` or `..`; a leading drive letter (`C:`). Allowed, because Azure allows them and they are
 * harmless as keys: spaces, empty segments, leading and trailing slashes, `:`, `*`, names that Windows
 * reserves.
 */
export function normaliseBlobName(name: string): string {
  const fault = (reason: string): never => {
    throw new BlobStoreError('InvalidName', `blob name ${printable(name)} ${reason}`)
  }
  if (name.length > maxNameLength)
    fault(`has ${name.length} characters, at most ${maxNameLength} are allowed`)
  if (!name.isWellFormed()) fault('holds an unpaired surrogate')
  const normal = name.normalize('NFC').replaceAll('\\', '/')
  if (normal === '') fault('is empty')
  if (normal.length > maxNameLength)
    fault(`has ${normal.length} characters in NFC, at most ${maxNameLength} are allowed`)
  if (unprintable.test(normal)) fault('holds a control character')
  if (/^[a-z]:/i.test(normal)) fault('begins with a drive letter')
  if (/(?:^|\/)\.{1,2}(?:\/|$)/.test(normal)) fault('holds a "." or ".." segment')
  return normal
}

function printable(name: string): string {
  const start = name.length > 80 ? `${name.slice(0, 80)}...` : name
  return JSON.stringify(start.toWellFormed())
}

/** Order of the UTF-8 bytes, which is the order of code points and not that of UTF-16 units. */
export function compareNames(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return codePointRank(x) - codePointRank(y)
  }
  return a.length - b.length
}

/** Surrogates stand for code points above U+FFFF, so they sort behind U+E000..U+FFFF. */
function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000
}
