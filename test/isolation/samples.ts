// What the parameters of paths name: for each of them an example that a tenant owns, and one that nobody ever had.
import { randomUUID } from 'node:crypto'
import type { DocumentedRoute } from './routes.ts'
import type { Tenant } from './tenants.ts'

interface Sample {
  /** A fresh one of the tenant. */
  own(tenant: Tenant, route: DocumentedRoute): Promise<string> | string
  /** Of the same length as any of them. Undefined: it names nothing by itself, and is the same for everybody. */
  missing?(own: string): string
}

export const neverIssued = () => randomUUID()
export const neverNamed = (name: string) => name.replace(/^.*-detector/, (start) => start.replace(/./g, 'x'))

const samples: Record<string, Sample> = {
  jobId: {
    // v2 shows no job before it is submitted, v1 deletes none after.
    own: (tenant, { api }) => (api === '/reality-analysis' ? tenant.submittedJob() : tenant.job()),
    missing: neverIssued,
  },
  realityDataId: { own: (tenant) => tenant.realityData(), missing: neverIssued },
  iTwinId: { own: (tenant) => tenant.iTwinId, missing: neverIssued },
  webhookId: { own: (tenant) => tenant.webhook(), missing: neverIssued },
  detectorName: { own: (tenant) => tenant.detector(), missing: neverNamed },
  detectorVersion: { own: () => '1.0' },
}

export function sampleOf(parameter: string): Sample {
  const sample = samples[parameter]
  if (sample === undefined)
    throw new RangeError(`no sample of what a path names by {${parameter}}: add it to samples.ts`)
  return sample
}

/** Values of a tenant for all parameters of `route`. */
export async function ownValues(route: DocumentedRoute, tenant: Tenant): Promise<Record<string, string>> {
  const values: Record<string, string> = {}
  for (const name of route.parameters) values[name] = await sampleOf(name).own(tenant, route)
  return values
}

export function pathWith(route: DocumentedRoute, values: Record<string, string>): string {
  return route.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name]!))
}

/**
 * Whoever first names an iTwin here has it. So one that nobody named is taken, where one is asked for, and that of another
 * tenant is compared with that of a third.
 */
export const takesITwin: readonly string[] = [
  'POST /realitydataanalysis/jobs',
  'POST /reality-analysis/jobs',
  'POST /reality-management/reality-data',
  'PATCH /reality-management/reality-data/{realityDataId}/move',
  'POST /reality-management/reality-data/{realityDataId}/itwins/{iTwinId}',
  'POST /webhooks',
  'POST /alidade/linked-reality-data',
]

/** For administrators; others are told so, whatever there is. */
export const administratorsOnly: readonly string[] = ['/alidade/linked-reality-data']
