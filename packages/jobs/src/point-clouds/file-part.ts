// Parts of a step that have a part for each file of a survey.

/** Whether it is one of those that the job types name after the number of a file. */
export function isFilePart(part: string | undefined): boolean {
  return part?.startsWith('file ') === true
}
