/** The SIMD kernels of trees, which run in the memory of a tree that threads share. */
import { readFileSync } from 'node:fs'

// The part that is used here of what every runtime has, and the types of Node do not know.
declare const WebAssembly: {
  readonly Memory: new (limits: { initial: number; maximum: number; shared: true }) => TreeMemory
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown }
}

export type TreeMemory = { readonly buffer: SharedArrayBuffer; grow(pages: number): number }

/** Addresses of what kernels read and write are those in the memory of the tree. */
export type TreeKernels = {
  /** Finds how near the `count` queries of a batch come to the points. */
  readonly searchBatch: (...args: [batch: number, count: number, nodes: number, ...columns: Columns]) => void
  /** Finds the distances of all points of a range of leaves in the same memory. */
  readonly searchLeaves: (
    ...args: [
      batch: number,
      node: number,
      end: number,
      ...queryColumns: Columns,
      distances: number,
      nodes: number,
      ...columns: Columns,
    ]
  ) => void
}
/** See `assembly/tree-building.ts`. */
export type TreeBuilding = {
  readonly holdPoints: (points: number, columnBytes: number, count: number) => void
  readonly countKeys: (
    axes: number,
    points: number,
    columnBytes: number,
    count: number,
    keys: number,
    counts: number,
  ) => number
  readonly startKeys: (counts: number, keyCount: number) => number
  readonly sortByKey: (keys: number, count: number, counts: number, index: number) => void
  readonly buildNodes: (
    ...args: [
      ...columns: Columns,
      index: number,
      starts: number,
      keyCount: number,
      window: number,
      columnBytes: number,
      nodes: number,
      ...centre: Columns,
      quantum: number,
      widest: number,
    ]
  ) => number
}
/** What the kernel of building asks for. */
export type TreeBuildingImports = {
  readonly loadPoints: (first: number) => number
  readonly growNodes: () => void
}
type Columns = [x: number, y: number, z: number]

/** So many queries are in a batch at most. */
export const kernelPoints = 64
export const pageBytes = 65_536
/** 4 GiB: as far as 32 bits can point. */
const mostPages = 65_536

/**
 * What is reserved and never touched takes no memory. `given` is made so large where there is one. Throws RangeError beyond
 * 4 GiB.
 */
export function reserveTreeMemory(bytes: number, given?: TreeMemory): TreeMemory {
  const initial = Math.ceil(bytes / pageBytes)
  if (initial > mostPages)
    throw new RangeError(`expected a cloud whose tree takes 4 GiB at most, got ${bytes} bytes`)
  if (given !== undefined) {
    given.grow(initial - given.buffer.byteLength / pageBytes)
    return given
  }
  return new WebAssembly.Memory({ initial, maximum: mostPages, shared: true })
}

const compiled = new Map<string, object>()

/** Compiled once, when first asked for; `npm run build:kernels` makes the files from those in `assembly/`. */
function instantiate(name: string, memory: TreeMemory, imports: object): unknown {
  let module = compiled.get(name)
  if (module === undefined) {
    module = new WebAssembly.Module(readFileSync(new URL(`./${name}.wasm`, import.meta.url)))
    compiled.set(name, module)
  }
  return new WebAssembly.Instance(module, { env: { memory }, [name]: imports }).exports
}

export function instantiateTreeKernels(memory: TreeMemory): TreeKernels {
  return instantiate('tree-kernels', memory, {}) as TreeKernels
}

export function instantiateTreeBuilding(memory: TreeMemory, imports: TreeBuildingImports): TreeBuilding {
  return instantiate('tree-building', memory, imports) as TreeBuilding
}
