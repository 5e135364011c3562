// Which blob names may become file names, and the other way round. A name from a server must not reach outside
// the folder it is meant for.

/** Throws RangeError that names the blob and the reason, if the name is not safe as a relative path everywhere. */
export function checkFileName(name: string): void {
  const reason = faultOf(name)
  if (reason)
    throw new RangeError(`blob name ${JSON.stringify(name.slice(0, 200))} is no safe file name: it ${reason}`)
}

function faultOf(name: string): string | undefined {
  if (name === '') return 'is empty'
  if (!name.isWellFormed()) return 'holds an unpaired surrogate'
  if (/\p{Cc}/u.test(name)) return 'holds a control character'
  if (name.includes('\\')) return 'holds a backslash'
  if (name.startsWith('/')) return 'is absolute'
  if (/^[a-z]:/i.test(name)) return 'begins with a drive letter'
  if (process.platform === 'win32' && /[<>:"|?*]/.test(name))
    return 'holds a character Windows does not allow'
  const segments = name.split('/')
  if (segments.includes('')) return 'holds an empty segment'
  if (segments.some((segment) => segment === '.' || segment === '..')) return 'holds a "." or ".." segment'
  return undefined
}

/** Throws RangeError if two names cannot both be files: the same one twice, or one is a folder of the other. */
export function checkTogether(names: readonly string[]): void {
  const files = new Set<string>()
  for (const name of names) {
    if (files.has(name)) throw new RangeError(`two files would be called ${JSON.stringify(name)}`)
    files.add(name)
  }
  for (const name of names) {
    for (let end = name.lastIndexOf('/'); end > 0; end = name.lastIndexOf('/', end - 1)) {
      const folder = name.slice(0, end)
      if (files.has(folder)) {
        throw new RangeError(`${JSON.stringify(folder)} is a file and the folder of ${JSON.stringify(name)}`)
      }
    }
  }
}
