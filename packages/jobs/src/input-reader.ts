// What finding the files of an input needs to ask of reality data, and what is found.

/** Reality data by id, and the files in them. What belongs to another tenant does not exist. */
export interface InputReader {
  describe(realityDataId: string): Promise<{ type: string; rootDocument?: string } | undefined>
  list(realityDataId: string): Promise<{ name: string; sizeBytes: number }[]>
  /** The whole of a small file. */
  read(realityDataId: string, name: string): Promise<Uint8Array>
  /** One file, for readers that need no `list` to know of it. */
  find?(realityDataId: string, name: string): Promise<{ name: string; sizeBytes: number } | undefined>
  /** What a reference of a scene stands for. Default: `rds:<guid>` for the reality data of this id. */
  refer?(referencePath: string, sceneId: string): { realityDataId: string } | { problem: string }
  /** What messages call an id. Default: `reality data <id>`. */
  title?(realityDataId: string): string
}

export interface FoundFile {
  realityDataId: string
  /** Name inside its reality data. */
  name: string
  sizeBytes: number
  /** CRS that a scene states for the file. */
  sceneCrs?: string
  /** The file of waveforms beside it, whether its points refer to it or not. */
  waveforms?: { name: string; sizeBytes: number }
}

export function titleOf(reader: InputReader, realityDataId: string): string {
  return reader.title?.(realityDataId) ?? `reality data ${realityDataId}`
}

export type RememberingReader = Required<Pick<InputReader, 'find'>> & InputReader

/** Asks once for each reality data and each of its files: a scene may name the same one ten thousand times. */
export function rememberingReader(reader: InputReader): RememberingReader {
  const descriptions = remembered((id) => reader.describe(id))
  const lists = remembered((id) => reader.list(id))
  const byName = remembered(async (id) => new Map((await lists(id)).map((file) => [file.name, file])))
  return {
    ...reader,
    describe: descriptions,
    list: lists,
    find: (id, name) =>
      reader.find === undefined ? byName(id).then((files) => files.get(name)) : reader.find(id, name),
  }
}

function remembered<T>(ask: (id: string) => Promise<T>): (id: string) => Promise<T> {
  const answers = new Map<string, Promise<T>>()
  return (id) => {
    const answer = answers.get(id) ?? ask(id)
    answers.set(id, answer)
    return answer
  }
}
