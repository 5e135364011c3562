// The inputs of each epoch: v1 tells its cloud from its mesh, v2 has one input for either; whatever is given is the survey.
import type { Epoch } from './segmented-clouds.ts'
import { shownName } from './shown-name.ts'

const inputsOf = { A: ['modelA', 'meshesA'], B: ['modelB', 'meshesB'] } as const

/** All files of an epoch, those of its cloud first. */
export function filesOf<File>(epoch: Epoch, inputs: Readonly<Record<string, File[]>>): File[] {
  return inputsOf[epoch].flatMap((name) => inputs[name] ?? [])
}

/** The internal name of the input that holds an epoch, or should. */
export function inputOf(epoch: Epoch, inputs: Readonly<Record<string, readonly unknown[]>>): string {
  return inputsOf[epoch].find((name) => (inputs[name]?.length ?? 0) > 0) ?? inputsOf[epoch][0]
}

/** What messages call it. */
export function shownInputOf(epoch: Epoch, inputs: Readonly<Record<string, readonly unknown[]>>): string {
  return shownName(inputOf(epoch, inputs))
}
