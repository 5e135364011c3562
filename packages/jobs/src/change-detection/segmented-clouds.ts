// Which surveys are written out with their changes, and into which output.
import type { OutputFolder } from '../job-type.ts'

export type Epoch = 'A' | 'B'

/** The outputs that want the segmented cloud of an epoch, the one that holds it first. */
function wanting(epoch: Epoch): [cloud: string, scene: string] {
  return [`segmentedModel3D${epoch}`, `segmentation3D${epoch}`]
}

/** Whether the survey of an epoch is written out, for outputs of these internal names. */
export function isSegmented(epoch: Epoch, outputs: readonly string[]): boolean {
  return wanting(epoch).some((name) => outputs.includes(name))
}

/**
 * Where the segmented cloud of an epoch goes: into the output of its own, or else beside the scene that refers to it.
 * Undefined: nobody asked for it.
 */
export function segmentedOutput(
  epoch: Epoch,
  outputs: Readonly<Record<string, OutputFolder>>,
): { cloud: OutputFolder; scene?: OutputFolder | undefined } | undefined {
  const [ofCloud, ofScene] = wanting(epoch).map((name) => outputs[name])
  const cloud = ofCloud ?? ofScene
  return cloud && { cloud, scene: ofScene }
}
