// What a job type is, to everyone who only has to name it: both API versions, the command line, the documents.
// How it is done stands in `@alidade/jobs`.

/** Type of a reality data, e.g. `LAS`, `LAZ`, `ContextScene`, `GeoJSON`. The API itself treats it as free text. */
export type RealityDataType = string

/**
 * What the value of an input is: the id of a reality data; a detector, that is the id of a reality data of type
 * ContextDetector or a name in the library; `bkt:` and the path of a file in the iTwin's bucket; or a plain name.
 */
export type InputKind = 'realityData' | 'detector' | 'bucketFile' | 'name'

export interface InputDeclaration {
  /** Name in v1, if v1 knows it. */
  v1?: string
  v2?: string
  /** Default: `realityData`. */
  kind?: InputKind
  /** A list of values where others take one. */
  many?: true
  /** Types of reality data; empty where the value names none. */
  accepts: readonly RealityDataType[]
  /** A scene of which its segmented cloud is meant, with what it says of its classes. */
  segmented?: true
  /** With `unless` it may be missing where one of these other inputs (internal names) is given. */
  required: boolean | { unless: readonly string[] }
  /** False: known to the API, refused by this service as not delivered. */
  delivered: boolean
  /** What the command line takes on this machine where the input is left out; over HTTP it is required as it says. */
  localDefault?: string
  help: string
}

export interface OutputDeclaration {
  v1?: string
  v2?: string
  realityDataType: RealityDataType
  /** The file that `rootDocument` of the result names; absent where none of its files is the first. */
  rootDocument?: string
  /** LAS or LAZ as the inputs are, and not as declared: what its reality data says from the success of the job on. */
  formatOfInput?: true
  /** It is a file in the iTwin's bucket, `bkt:<path>`, and no reality data. */
  bucketFile?: true
  delivered: boolean
  /** Another output (internal name) that has to be requested with this one. */
  requires?: string
  help: string
}

export interface OptionDeclaration {
  v1?: string
  v2?: string
  /**
   * Ours beside the published API, which has no name for it in either version: the header that says it when a job is
   * created, as members of published objects are refused by clients that do not know them.
   */
  header?: string
  type: 'number' | 'integer' | 'boolean' | 'string' | 'strings'
  /** A value, or a sentence that says how it is derived from the data. */
  default: number | boolean | string | { derived: string }
  unit?: string
  minimum?: number
  exclusiveMinimum?: number
  maximum?: number
  /** Of a string, or of each of `strings`: the values there are, or the pattern they follow. */
  oneOf?: readonly string[]
  pattern?: string
  /** False: accepted because clients send it, has no effect yet; the job carries a warning. */
  delivered: boolean
  help: string
}

/**
 * A job type of the published API, whether this service delivers it or not. Inputs, outputs and options are keyed by our
 * internal names, the union of what both versions know.
 */
export interface DeclaredJobType {
  /** Internal name, also the folder in `@alidade/jobs`. */
  name: string
  v1?: string
  v2?: string
  title: string
  purpose: string
  inputs: Record<string, InputDeclaration>
  outputs: Record<string, OutputDeclaration>
  options: Record<string, OptionDeclaration>
}

/** A job type that is delivered, though not with everything that is declared of it. */
export interface JobTypeDeclaration extends DeclaredJobType {
  /** Ordered names of the steps, as `progress.step` shows them. */
  steps: readonly string[]
  /** How `estimateProcessingUnits` comes to its number, in a sentence or two. */
  cost: string
  /**
   * Predicted processing units: hours of one core at the rate this job type was measured at. Monotone in every
   * parameter; absent parameters count as zero.
   */
  estimateProcessingUnits(parameters: CostParameters): number
}

export interface CostParameters {
  gigaPixels?: number | undefined
  numberOfPhotos?: number | undefined
  sceneWidth?: number | undefined
  sceneHeight?: number | undefined
  sceneLength?: number | undefined
  detectorScale?: number | undefined
  detectorCost?: number | undefined
}

export type ApiVersion = 'v1' | 'v2'

type Undelivered<Entries> = { [Name in keyof Entries]: Omit<Entries[Name], 'delivered'> }

/** Entries of a declaration of which none is delivered yet. */
export function undelivered<Name extends string, Entry extends object>(entries: Record<Name, Entry>) {
  return Object.fromEntries(
    Object.entries<Entry>(entries).map(([name, entry]) => [name, { ...entry, delivered: false }]),
  ) as Record<Name, Entry & { delivered: false }>
}

/** The declaration of a job type of which nothing is delivered yet. */
export function notDelivered(
  type: Pick<DeclaredJobType, 'name' | 'v1' | 'v2' | 'title' | 'purpose'> & {
    inputs: Undelivered<Record<string, InputDeclaration>>
    outputs: Undelivered<Record<string, OutputDeclaration>>
    options: Undelivered<Record<string, OptionDeclaration>>
  },
): DeclaredJobType {
  return {
    ...type,
    inputs: undelivered(type.inputs),
    outputs: undelivered(type.outputs),
    options: undelivered(type.options),
  }
}
