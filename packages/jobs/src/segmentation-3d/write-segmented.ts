// The cloud with the classes that were found, in every output that was asked for.
import { filePart } from '../extract-ground/read-clouds.ts'
import { segmentedFiles } from '../extract-ground/segmented-files.ts'
import type { FoundGround } from '../extract-ground/with-ground.ts'
import { writeFiles } from '../extract-ground/write-clouds.ts'
import type { JobContext } from '../job-type.ts'
import { exportSrsFrom } from '../point-clouds/export-srs.ts'
import { asJobError } from '../point-clouds/format-faults.ts'
import type { Step } from './als-costs.ts'
import { type ClassSource, confidenceBytes, givenClasses } from './given-classes.ts'

/** `records`: those that stayed in memory. How many points were written. */
export async function writeSegmented(
  { cloud, records, region }: Pick<FoundGround, 'cloud' | 'region'> & Partial<Pick<FoundGround, 'records'>>,
  { outputs, options, progress, signal, threads, warn }: JobContext<Step>,
  found: ClassSource,
): Promise<number> {
  const exportCrs = exportSrsFrom(options.exportSrs)
  const inputs = cloud.files.map(({ name }, i) => ({ name, header: cloud.headers[i] }))
  const filesOf = segmentedFiles(inputs, {
    outputs: Object.keys(outputs),
    isReprojected: exportCrs !== undefined,
    outputName: (output) => outputs[output]!.name,
  })
  let written = 0
  for (const [file, { name, source }] of cloud.files.entries()) {
    const header = cloud.headers[file]!
    const total = header.pointCount
    const writing = progress.begin('Write_Results', { part: filePart(file), total, unit: 'points' })
    const confidence = options.saveConfidence === true ? confidenceBytes(header) : undefined
    const batches = givenClasses(source, header, {
      ...{ found, region, signal, threads },
      kept: records?.take(file, total),
      confidenceName: confidence?.name,
    })
    const targets = filesOf[file]!.map((one) => ({ file: one, path: outputs[one.output]!.path(one.name) }))
    written += await writeFiles(targets, batches, {
      ...{ cloud, file, exportCrs, signal, threads, warn },
      ...(confidence && { extraBytes: [confidence] }),
      onRead: (count) => writing.advance(count),
    }).catch((error: unknown) => {
      throw asJobError(error, cloud.input, name)
    })
  }
  return written
}
