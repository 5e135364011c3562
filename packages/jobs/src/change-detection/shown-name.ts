import { type InputDeclaration, jobTypes } from '@alidade/contract/jobs'

/** What messages call an input: the name under which v1 clients and the command line know it. */
export function shownName(input: string): string {
  const declarations: Record<string, InputDeclaration> = jobTypes.changeDetection.inputs
  return declarations[input]?.v1 ?? input
}
