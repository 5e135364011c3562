// Options that the published API has no place for: each is a header, and shown in no object of the API.
import {
  type DeclaredJobType,
  type ErrorDetail,
  type JobTypeDeclaration,
  jobTypes,
  type OptionDeclaration,
  ownOptionHeaders,
} from '@alidade/contract'
import type { JobRecord } from '../../store/job-record.ts'
import type { OptionValue } from './option-values.ts'

/** Headers of a request that are settings of its job, as their schemas leave them. */
export type SettingHeaders = {
  'alidade-time-limit'?: number | undefined
} & { [Name in keyof typeof ownOptionHeaders]?: string | undefined }

/** The headers among them that say an option, by name. */
export function ownOptionsSent(headers: SettingHeaders): string[] {
  const names = Object.keys(ownOptionHeaders) as (keyof typeof ownOptionHeaders)[]
  return names.filter((name) => headers[name] !== undefined)
}

/** Options by internal name. A header that is no option of the type is a fault; values were checked with the header. */
export function readOwnOptions(
  declaration: DeclaredJobType,
  headers: SettingHeaders,
  faults: ErrorDetail[],
): Record<string, OptionValue> {
  const options: Record<string, OptionValue> = {}
  for (const sent of ownOptionsSent(headers)) {
    const named = Object.entries<OptionDeclaration>(declaration.options).find(
      ([, { header }]) => header === sent,
    )
    if (named !== undefined) options[named[0]] = headers[sent as keyof typeof ownOptionHeaders]!
    else {
      const message = `The header ${sent} is no option of ${declaration.title.toLowerCase()}.`
      faults.push({ code: 'InvalidParameter', message, target: sent })
    }
  }
  return options
}

/** Those that a job has, apart from the ones that the published API has names for. */
export function splitOptions({ type, options }: Pick<JobRecord, 'type' | 'options'>) {
  const declarations: JobTypeDeclaration['options'] = jobTypes[type].options
  const isOwn = ([name]: [string, unknown]) => declarations[name]?.header !== undefined
  const entries = Object.entries(options)
  return {
    own: Object.fromEntries(entries.filter(isOwn)),
    published: entries.filter((entry) => !isOwn(entry)),
  }
}
