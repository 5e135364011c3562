// Sources stay compiled from one start to the next, for this process and for the runners and threads that it starts:
// that halves what each start takes of a core. They lie below the user's own folder for caches. What lies there is run,
// so a folder that others own or may write to is not used, and nobody's start fails for want of one.
// `NODE_COMPILE_CACHE` names another folder, `NODE_DISABLE_COMPILE_CACHE=1` turns it off.
import { lstatSync, mkdirSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/** Tells the processes to come by their environment, as Node wants it told. */
export function keepCompiled(env = process.env) {
  if (env.NODE_DISABLE_COMPILE_CACHE === '1') {
    // Runners are given this one setting alone.
    delete env.NODE_COMPILE_CACHE
    return
  }
  if (env.NODE_COMPILE_CACHE) return
  const folder = ownFolder(env)
  if (folder === undefined) return
  enableCompileCache(folder)
  env.NODE_COMPILE_CACHE = folder
}

/** Undefined where there is none that this user alone may write to. */
export function ownFolder(env) {
  try {
    const caches = env.XDG_CACHE_HOME
    let folder = caches && isAbsolute(caches) ? caches : join(homedir(), '.cache')
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    for (const name of ['', 'alidade', 'compiled']) {
      folder = join(folder, name)
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      if (!isOwn(lstatSync(folder))) return undefined
    }
    return folder
  } catch {
    return undefined
  }
}

/** Where users have no numbers, their folders for caches are nobody else's to write to. */
function isOwn(stat) {
  if (!stat.isDirectory()) return false
  return process.getuid === undefined || (stat.uid === process.getuid() && (stat.mode & 0o022) === 0)
}
