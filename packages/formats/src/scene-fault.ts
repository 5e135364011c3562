// What is wrong with a part of a scene, and the way to it: gathered from the inside out, so that what is sound costs nothing.
import { FormatError } from './format-error.ts'

export class SceneFault extends Error {
  override readonly name = 'SceneFault'
  readonly #problem: string
  /** Names of members, keys, positions in lists; the innermost last. */
  readonly #path: (string | number)[] = []

  constructor(expected: string, got: string) {
    super()
    this.#problem = `expected ${expected}, got ${got}`
  }

  /** What `read` returns; a fault in it is one step further away from here. */
  static within<T>(step: string | number, read: () => T): T {
    try {
      return read()
    } catch (fault) {
      throw SceneFault.inside(step, fault)
    }
  }

  /** The same for those who catch themselves. What is no fault of the scene is passed on as it is. */
  static inside(step: string | number, fault: unknown): unknown {
    if (fault instanceof SceneFault) fault.#path.unshift(step)
    return fault
  }

  /** With its place as a JSON path: `$.Annotations.Labels.1.Name`. */
  inJson(): FormatError {
    const steps = this.#path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step.slice(0, 60)}`))
    return new FormatError('Invalid', `$${steps.join('')}`, this.#problem)
  }

  /** With its place as XPath has it: `/ContextScene/Annotations/Labels/Label[@id="1"]/Name`. */
  inXml(root: string): FormatError {
    const steps = this.#path.map((step) => (typeof step === 'number' ? `/*[${step + 1}]` : `/${step.slice(0, 90)}`)) // biome-ignore format: one line
    return new FormatError('Invalid', `/${root}${steps.join('')}`, this.#problem)
  }
}
