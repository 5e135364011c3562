// What a job says of itself, in the names of one API version. Jobs call inputs, outputs and options as v1 does, and by
// internal names where v1 has none.
import {
  type ApiVersion,
  type DeclaredJobType,
  type JobErrorCode,
  type JobMessage,
  type JobWarningCode,
  jobErrorMessage,
  jobErrors,
  jobWarningMessage,
  jobWarnings,
} from '@alidade/contract/jobs'

/** An error of `declaration` as `version` words it. */
export function errorIn(version: ApiVersion, declaration: DeclaredJobType, message: JobMessage): JobMessage {
  const { code, params } = message
  const renamed = renamedParams(version, declaration, params)
  return renamed === params || !(code in jobErrors)
    ? message
    : jobErrorMessage(code as JobErrorCode, ...renamed)
}

export function warningIn(
  version: ApiVersion,
  declaration: DeclaredJobType,
  message: JobMessage,
): JobMessage {
  const { code, params } = message
  const renamed = renamedParams(version, declaration, params)
  return renamed === params || !(code in jobWarnings)
    ? message
    : jobWarningMessage(code as JobWarningCode, ...renamed)
}

/** The same array where nothing has another name. */
function renamedParams(
  version: ApiVersion,
  { inputs, outputs, options }: DeclaredJobType,
  params: string[],
): string[] {
  if (version === 'v1') return params
  const nameOf = new Map<string, string>()
  for (const declarations of [inputs, outputs, options]) {
    for (const [name, { v1, v2 }] of Object.entries<{ v1?: string; v2?: string }>(declarations))
      if (v2 !== undefined && v2 !== (v1 ?? name)) nameOf.set(v1 ?? name, v2)
  }
  return params.some((param) => nameOf.has(param))
    ? params.map((param) => nameOf.get(param) ?? param)
    : params
}
