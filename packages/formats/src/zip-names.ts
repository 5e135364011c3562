// Names of entries in archives of strangers: what could lead out of a folder, or be two things at once, is refused.
import { corrupt, FormatError } from './format-error.ts'

const longestName = 1024
/** C0, DEL and C1. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const unprintable = /[\u0000-\u001f\u007f-\u009f]/

/** As UTF-8, which ASCII is; what an old archive may have meant by other bytes cannot be known. */
export function decodeEntryName(bytes: Uint8Array, saysUtf8: boolean, place: string): string {
  if (!saysUtf8 && bytes.some((byte) => byte > 0x7f)) {
    throw new FormatError('Unsupported', place, 'expected a name in ASCII, or marked as UTF-8')
  }
  let name: string
  try {
    name = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new FormatError('Corrupt', place, 'expected a name in UTF-8', { cause })
  }
  const shown = JSON.stringify(name.slice(0, 80))
  if (name.length === 0 || name.length > longestName) {
    throw corrupt(place, `a name of 1 to ${longestName} characters`, name.length)
  }
  if (unprintable.test(name)) throw corrupt(place, 'a name without control characters', shown)
  if (name.includes('\\')) throw corrupt(place, 'a name whose folders are separated by /', shown)
  if (name.startsWith('/') || /^[a-z]:/i.test(name)) throw corrupt(place, 'a name inside the archive', shown)
  const segments = (name.endsWith('/') ? name.slice(0, -1) : name).split('/')
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    throw corrupt(place, 'a name without empty, . and .. segments', shown)
  }
  return name
}

/** No two entries that are one file on some disk, and no file that is a folder too. */
export function checkEntryNames(entries: readonly { name: string; folder: boolean }[]): void {
  const folders = new Set<string>()
  const files = new Set<string>()
  for (const { name, folder } of entries) {
    const key = keyOf(name)
    if (files.has(key) || (!folder && folders.has(key)))
      throw corrupt(name, 'a name of its own', 'one that is taken')
    if (!folder) files.add(key)
    for (let at = folder ? key.length : key.lastIndexOf('/'); at > 0; at = key.lastIndexOf('/', at - 1)) {
      const parent = key.slice(0, at)
      if (files.has(parent)) throw corrupt(name, 'a folder above it', 'a file of that name')
      if (folders.has(parent)) break
      folders.add(parent)
    }
  }
}

/** Without what disks of one kind or another do not tell apart. */
function keyOf(name: string): string {
  return name.normalize('NFC').toLowerCase()
}
