// A root with a folder to link and, beside it, what must never be seen through it.
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LinkedFolders } from './linked-folders.ts'
import type { LinkedListingsOptions } from './linked-listings.ts'
import { openLinkedRoots } from './linked-roots.ts'

export interface LinkedPlace {
  /** The allowed root, and the folder in it that is linked. */
  root: string
  folder: string
  /** In no root. */
  outside: string
  /** What the service keeps for itself, inside the root. */
  own: string
  folders: LinkedFolders
  remove(): Promise<void>
}

/** What every file that must not be seen holds. */
export const secret = 'top secret'

export async function makeLinkedPlace(options: LinkedListingsOptions = {}): Promise<LinkedPlace> {
  const base = await realpath(await mkdtemp(join(tmpdir(), 'alidade-linked-')))
  const [root, outside] = [join(base, 'scans'), join(base, 'elsewhere')]
  const [folder, own] = [join(root, '2026-03'), join(root, 'alidade')]
  for (const each of [folder, outside, own, join(root, 'other')]) await mkdir(each, { recursive: true })
  for (const hidden of [join(outside, 'secret.las'), join(root, 'other', 'secret.las'), join(own, 'sas.key')])
    await writeFile(hidden, secret)
  return {
    root,
    folder,
    outside,
    own,
    folders: new LinkedFolders(openLinkedRoots([root], [own]), { freshMs: 0, timesAsLong: 0, ...options }),
    remove: () => rm(base, { recursive: true, force: true }),
  }
}
