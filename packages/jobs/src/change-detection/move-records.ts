// Records of a registered survey, in their new place.
import { movedPlace, type RigidMotion, type Vector } from '@alidade/analysis'
import type { LasHeader } from '@alidade/formats'

/** Writes new X, Y and Z (LAS 1.4, tables 7 to 17: the first twelve bytes of every format); all else stays. */
export function moveRecords(
  records: Uint8Array,
  count: number,
  { scale, offset, pointRecordLength }: Pick<LasHeader, 'scale' | 'offset' | 'pointRecordLength'>,
  motion: RigidMotion,
): void {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
  for (let i = 0; i < count; i++) {
    const at = i * pointRecordLength
    const place = [0, 1, 2].map(
      (axis) => view.getInt32(at + 4 * axis, true) * scale[axis]! + offset[axis]!,
    ) as unknown as Vector
    for (const [axis, value] of movedPlace(motion, place).entries()) {
      const steps = Math.round((value - offset[axis]!) / scale[axis]!)
      // At the end of what 32 bits hold there is no place further on.
      view.setInt32(at + 4 * axis, Math.min(0x7fffffff, Math.max(-0x80000000, steps)), true)
    }
  }
}
