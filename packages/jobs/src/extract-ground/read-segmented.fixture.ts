// Reads a segmented cloud back: its records, and the class of each.
import {
  classificationField,
  type LasHeader,
  openFile,
  readLasHeader,
  readPointBatches,
  readXyz,
} from '@alidade/formats'

export interface SegmentedCloud {
  header: LasHeader
  records: Buffer
  classes: Uint8Array
}

export async function readSegmented(path: string): Promise<SegmentedCloud> {
  const source = await openFile(path)
  try {
    const header = await readLasHeader(source)
    const batches: Buffer[] = []
    for await (const { records } of readPointBatches(source, header)) batches.push(Buffer.from(records))
    const records = Buffer.concat(batches)
    const { offset, mask } = classificationField(header.pointFormat)
    const classes = Uint8Array.from(
      { length: header.pointCount },
      (_, i) => records[i * header.pointRecordLength + offset]! & mask,
    )
    return { header, records, classes }
  } finally {
    await source.close()
  }
}

export async function readPlaces(path: string) {
  const source = await openFile(path)
  try {
    return await readXyz(source, await readLasHeader(source))
  } finally {
    await source.close()
  }
}

/** The records with nothing in the bits of the class: what a job must not change. */
export function withoutClasses({ header, records }: SegmentedCloud): Buffer {
  const { offset, mask } = classificationField(header.pointFormat)
  const bare = Buffer.from(records)
  for (let at = offset; at < bare.length; at += header.pointRecordLength) bare[at]! &= ~mask
  return bare
}
