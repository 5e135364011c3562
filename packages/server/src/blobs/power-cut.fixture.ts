/**
 * What a disk holds after the power was cut: plays a record of `recorded-files.fixture.ts` up to a moment and keeps
 * of it what had been synced, and of the rest as much as the kind of cut says.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import type { DiskEvent } from './recorded-files.fixture.ts'

/**
 * `nothing`: all that was not synced is gone. `names`: names are there, content that was not synced is not, as
 * journals of directories alone have it. `some`: for each name and each byte the disk decides, by `random`.
 */
export type Cut = 'nothing' | 'names' | 'some'

interface FileNode {
  bytes: Uint8Array[]
  lengthBytes: number
  syncedBytes: number
}
interface DirectoryNode {
  names: Map<string, Node>
  synced: Map<string, Node>
}
type Node = FileNode | DirectoryNode

const isDirectory = (node: Node): node is DirectoryNode => 'names' in node

export class PowerCutDisk {
  readonly #root: DirectoryNode = { names: new Map(), synced: new Map() }
  readonly #top: string
  /** Of syncs under way, by path: what they will have put on the disk. */
  readonly #syncing = new Map<string, (() => void)[]>()

  /** `top` and the directories named are there, and on the disk, from the beginning. */
  constructor(top: string, directories: readonly string[]) {
    this.#top = top
    for (const path of directories) {
      const directory: DirectoryNode = { names: new Map(), synced: new Map() }
      this.#root.names.set(path, directory)
      this.#root.synced.set(path, directory)
    }
  }

  play(event: DiskEvent): void {
    switch (event.what) {
      case 'create':
        this.#parent(event.path).names.set(basename(event.path), {
          bytes: [],
          lengthBytes: 0,
          syncedBytes: 0,
        })
        break
      case 'found':
        this.#parent(event.path).names.set(basename(event.path), {
          bytes: [event.bytes],
          lengthBytes: event.bytes.length,
          syncedBytes: 0,
        })
        break
      case 'write': {
        const file = this.#node(event.path) as FileNode
        file.bytes.push(event.bytes)
        file.lengthBytes += event.bytes.length
        break
      }
      case 'makeDirectory': {
        const { names } = this.#parent(event.path)
        const name = basename(event.path)
        if (!names.has(name)) names.set(name, { names: new Map(), synced: new Map() })
        break
      }
      case 'removeFile':
      case 'removeDirectory':
        this.#find(dirname(event.path))?.names.delete(basename(event.path))
        break
      case 'rename': {
        const from = this.#parent(event.path).names
        const node = from.get(basename(event.path))!
        from.delete(basename(event.path))
        this.#parent(event.to).names.set(basename(event.to), node)
        break
      }
      case 'sync begins':
        this.#syncing.set(event.path, [...(this.#syncing.get(event.path) ?? []), this.#beginSync(event.path)])
        break
      case 'sync ends':
        this.#syncing.get(event.path)!.shift()!()
        break
      case 'acknowledged':
        break
      default:
        throw new TypeError(`unexpected event ${JSON.stringify(event satisfies never)}`)
    }
  }

  /** Writes what is left into a folder. */
  async restore(folder: string, cut: Cut, random: () => number): Promise<void> {
    await restoreDirectory(this.#root, folder, cut, random)
  }

  #beginSync(path: string): () => void {
    const node = path === this.#top ? this.#root : this.#node(path)
    if (isDirectory(node)) {
      const names = new Map(node.names)
      return () => {
        node.synced = names
      }
    }
    const { lengthBytes } = node
    return () => {
      node.syncedBytes = Math.max(node.syncedBytes, lengthBytes)
    }
  }

  #parent(path: string): DirectoryNode {
    const parent = this.#find(dirname(path))
    if (parent === undefined) throw new Error(`there is no folder of ${path}`)
    return parent
  }

  #node(path: string): Node {
    const node = this.#parent(path).names.get(basename(path))
    if (node === undefined) throw new Error(`there is no ${path}`)
    return node
  }

  #find(directory: string): DirectoryNode | undefined {
    let at: Node | undefined = this.#root
    for (const name of relative(this.#top, directory).split(sep)) {
      if (name === '') continue
      at = at !== undefined && isDirectory(at) ? at.names.get(name) : undefined
    }
    return at !== undefined && isDirectory(at) ? at : undefined
  }
}

async function restoreDirectory(
  directory: DirectoryNode,
  path: string,
  cut: Cut,
  random: () => number,
): Promise<void> {
  await mkdir(path, { recursive: true })
  const { names, synced } = directory
  for (const name of new Set([...names.keys(), ...synced.keys()])) {
    const newer = cut === 'names' || (cut === 'some' && random() < 0.5)
    const node = newer ? names.get(name) : synced.get(name)
    if (node === undefined) continue
    if (isDirectory(node)) await restoreDirectory(node, join(path, name), cut, random)
    else {
      const unsynced = cut === 'some' ? Math.floor(random() * (node.lengthBytes - node.syncedBytes + 1)) : 0
      const whole = Buffer.concat(node.bytes)
      await writeFile(join(path, name), whole.subarray(0, node.syncedBytes + unsynced))
    }
  }
}

/** With a seed, so that a cut can be repeated. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
