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
  /** Makes `node` the leaf of the `count` points of a block, unless it would be wider than `widest`; tells whether it has. */
  readonly writeLeaf: (
    ...args: [block: number, count: number, first: number, node: number, ...columns: Columns, widest: number]
  ) => number
  /** Finds how near the `count` queries of a batch come to the points. */
  readonly searchBatch: (...args: [batch: number, count: number, nodes: number, ...columns: Columns]) => void
}
type Columns = [x: number, y: number, z: number]

/** So many points are in a block, and so many queries in a batch, at most. */
export const kernelPoints = 64
export const pageBytes = 65_536
/** 4 GiB: as far as 32 bits can point. */
const mostPages = 65_536

/** What is reserved and never touched takes no memory. Throws RangeError beyond 4 GiB. */
export function reserveTreeMemory(bytes: number): TreeMemory {
  const initial = Math.ceil(bytes / pageBytes)
  if (initial > mostPages)
    throw new RangeError(`expected a cloud whose tree takes 4 GiB at most, got ${bytes} bytes`)
  return new WebAssembly.Memory({ initial, maximum: mostPages, shared: true })
}

let compiled: object | undefined

/** Compiled once, when first asked for; `npm run build:kernels` makes the file from `assembly/tree-kernels.ts`. */
export function instantiateTreeKernels(memory: TreeMemory): TreeKernels {
  compiled ??= new WebAssembly.Module(readFileSync(new URL('./tree-kernels.wasm', import.meta.url)))
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports as TreeKernels
}
