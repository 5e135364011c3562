// What a result turned out to be, where that is not what is declared of its output: LAS in place of LAZ, several files in place of one.
import type { OutputDeclaration } from '@alidade/contract'

export interface ResultDocument {
  type: string
  /** Undefined: none of its files is the first. */
  rootDocument: string | undefined
}

/** By the end that all of the names have; where they have several, `declared`. */
export function typeOfFiles(declared: string, fileNames: readonly string[]): string {
  const ends = new Set(
    documentsAmong(fileNames).map((name) => name.slice(name.lastIndexOf('.') + 1).toUpperCase()),
  )
  const [end] = ends
  return ends.size === 1 ? end! : declared
}

/** `fileNames`: of the result. Undefined: it is what was declared. */
export function resultDocument(
  { realityDataType, rootDocument, formatOfInput }: OutputDeclaration,
  fileNames: readonly string[],
): ResultDocument | undefined {
  if (rootDocument === undefined || fileNames.includes(rootDocument)) return undefined
  const type = formatOfInput ? typeOfFiles(realityDataType, fileNames) : realityDataType
  const documents = documentsAmong(fileNames)
  return { type, rootDocument: documents.length === 1 ? documents[0] : undefined }
}

/** Waveforms are beside a document, and none. */
function documentsAmong(fileNames: readonly string[]): string[] {
  return fileNames.filter((name) => !name.endsWith('.wdp'))
}
