// Decompresses LAZ chunks with laz-perf (WebAssembly), so that no damaged byte outlives its chunk.
import { createLazPerf } from 'laz-perf'
import { corrupt } from './format-error.ts'
import { layeredChunkProblem } from './laz-layers.ts'
import { chunkPlace } from './laz-chunks.ts'

type LazPerf = Awaited<ReturnType<typeof createLazPerf>>

export type ChunkFormat = { readonly pointFormat: number; readonly pointRecordLength: number }

/** About 8 ms of decoding, so the event loop gets its turn in between. */
const mostPointsPerPass = 16_384
const largestPassBytes = 4 * 1024 * 1024

/**
 * One WebAssembly instance that decodes one chunk after the other. When a chunk makes it abort, the instance is
 * thrown away and the next chunk gets a new one: its memory may be in any state.
 */
export class LazChunkDecoder {
  /** Points that `next` gives at once, at most. */
  readonly pointsPerPass: number
  private readonly format: ChunkFormat
  private module: LazPerf | undefined
  private decoder: InstanceType<LazPerf['ChunkDecoder']> | undefined
  private inputPointer = 0
  private inputCapacity = 0
  private outputPointer = 0
  private place = ''

  constructor(format: ChunkFormat) {
    this.format = format
    this.pointsPerPass = Math.min(mostPointsPerPass, Math.floor(largestPassBytes / format.pointRecordLength))
  }

  /** Starts a chunk; `next` then gives its points in order. */
  async open(chunkIndex: number, chunkOffset: number, bytes: Uint8Array): Promise<void> {
    this.place = chunkPlace(chunkIndex, chunkOffset)
    const { pointFormat, pointRecordLength } = this.format
    const problem = pointFormat >= 6 ? layeredChunkProblem(bytes, pointFormat, pointRecordLength) : undefined
    if (problem) throw corrupt(this.place, problem.expected, problem.got)
    const module = await this.instance()
    this.guard(() => {
      this.decoder?.delete()
      this.decoder = undefined
      // A damaged stream reads on past its end; a margin of zeros keeps it from older chunks for a while.
      if (this.inputCapacity < bytes.length + margin) {
        if (this.inputPointer) module._free(this.inputPointer)
        this.inputCapacity = Math.ceil((bytes.length + margin) * 1.25)
        this.inputPointer = allocate(module, this.inputCapacity)
      }
      if (!this.outputPointer) this.outputPointer = allocate(module, this.pointsPerPass * pointRecordLength)
      module.HEAPU8.set(bytes, this.inputPointer)
      module.HEAPU8.fill(0, this.inputPointer + bytes.length, this.inputPointer + this.inputCapacity)
      this.decoder = new module.ChunkDecoder()
      this.decoder.open(pointFormat, pointRecordLength, this.inputPointer)
    })
  }

  /**
   * The next `count` raw records (at most `pointsPerPass`) of the open chunk, as a view that is valid until the
   * next call.
   */
  next(count: number): Uint8Array {
    const { decoder, module, outputPointer, pointsPerPass } = this
    if (!decoder || !module) throw new TypeError('next() needs an open chunk')
    if (count > pointsPerPass) throw new RangeError(`expected at most ${pointsPerPass} points, got ${count}`)
    const stride = this.format.pointRecordLength
    this.guard(() => {
      const end = outputPointer + count * stride
      for (let at = outputPointer; at < end; at += stride) decoder.getPoint(at)
    })
    return module.HEAPU8.subarray(outputPointer, outputPointer + count * stride)
  }

  /** Gives the memory back. The decoder may be used again. */
  close(): void {
    const { module, inputPointer, outputPointer } = this
    if (module) {
      this.guard(() => {
        this.decoder?.delete()
        if (inputPointer) module._free(inputPointer)
        if (outputPointer) module._free(outputPointer)
      })
      if (spare.length < mostSpare && module.HEAPU8.length <= largestSpareBytes) spare.push(module)
    }
    this.forget()
  }

  private forget(): void {
    this.module = undefined
    this.decoder = undefined
    this.inputPointer = this.inputCapacity = this.outputPointer = 0
  }

  private async instance(): Promise<LazPerf> {
    this.module ??= spare.pop() ?? (await instantiate())
    return this.module
  }

  private guard(step: () => void): void {
    try {
      step()
    } catch (error) {
      this.forget()
      const got = error instanceof Error ? error.message : `exception ${String(error)}`
      throw corrupt(this.place, 'a decodable chunk', got, { cause: error })
    }
  }
}

const margin = 64 * 1024

/** Healthy instances that nobody uses: the next file starts some milliseconds sooner. */
const spare: LazPerf[] = []
const mostSpare = 2
const largestSpareBytes = 64 * 1024 * 1024

function allocate(module: LazPerf, sizeBytes: number): number {
  const pointer = module._malloc(sizeBytes)
  if (pointer === 0) throw new Error(`no memory for ${sizeBytes} bytes`)
  return pointer
}

/**
 * laz-perf's loader adds listeners for uncaught errors and unhandled rejections to the process with every
 * instance. They belong to whoever runs the process, so they are taken off again.
 */
async function instantiate(): Promise<LazPerf> {
  const events = ['uncaughtException', 'unhandledRejection'] as const
  const before = new Map(events.map((event) => [event, process.rawListeners(event)]))
  const pending = createLazPerf({ print: () => {}, printErr: () => {} })
  for (const event of events) {
    for (const listener of process.rawListeners(event)) {
      if (!before.get(event)!.includes(listener)) process.off(event, listener as never)
    }
  }
  return pending
}
