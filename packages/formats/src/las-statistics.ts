// What a LAS header says about its points, collected from raw records while they pass by.
import type { Vector3 } from './las-coordinates.ts'
import type { LasHeader } from './las-header.ts'
import { returnNumberMask } from './las-point-formats.ts'

export class LasStatistics {
  pointCount = 0
  /** Index 0 counts first returns. */
  readonly countByReturn = new Array<number>(15).fill(0)
  private readonly like: Pick<LasHeader, 'pointFormat' | 'pointRecordLength' | 'scale' | 'offset'>
  private readonly smallest = [Infinity, Infinity, Infinity]
  private readonly largest = [-Infinity, -Infinity, -Infinity]

  constructor(like: Pick<LasHeader, 'pointFormat' | 'pointRecordLength' | 'scale' | 'offset'>) {
    this.like = like
  }

  add(records: Uint8Array, count: number): void {
    const { pointRecordLength: stride, pointFormat } = this.like
    const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
    for (let axis = 0; axis < 3; axis++) {
      let [low, high] = [this.smallest[axis]!, this.largest[axis]!]
      for (let i = 0, at = 4 * axis; i < count; i++, at += stride) {
        const value = view.getInt32(at, true)
        if (value < low) low = value
        if (value > high) high = value
      }
      this.smallest[axis] = low
      this.largest[axis] = high
    }
    const mask = returnNumberMask(pointFormat)
    const byReturn = new Uint32Array(16)
    for (let i = 0, at = 14; i < count; i++, at += stride) byReturn[records[at]! & mask]!++
    // Return numbers start at 1; a 0, though illegal, occurs and belongs to no return.
    for (let i = 1; i < 16; i++) this.countByReturn[i - 1]! += byReturn[i]!
    this.pointCount += count
  }

  /** In the unit of the CRS; zeros while there is no point. */
  bounds(): { min: Vector3; max: Vector3 } {
    const { scale, offset } = this.like
    const place = (stored: number, axis: 0 | 1 | 2) =>
      this.pointCount === 0 ? 0 : stored * scale[axis] + offset[axis]
    const corner = ([x, y, z]: number[]): Vector3 => [place(x!, 0), place(y!, 1), place(z!, 2)]
    return { min: corner(this.smallest), max: corner(this.largest) }
  }
}
