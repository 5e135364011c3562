// The APIs that have a document of their own: where it is served and which operations it shows.
import {
  type Operation,
  realityAnalysisV2Operations,
  realityDataAnalysisV1Operations,
  realityManagementOperations,
} from '@alidade/contract'
import { type OpenApiInfo, openApiDocument } from './openapi.ts'

export interface PublishedApi {
  /** Served at `<basePath>/openapi.json`. */
  basePath: string
  /** Committed as `packages/contract/openapi/<fileName>`. */
  fileName: string
  info: OpenApiInfo
  operations: readonly Operation[]
}

export const publishedApis: readonly PublishedApi[] = [
  {
    basePath: '/realitydataanalysis',
    fileName: 'reality-data-analysis-v1.json',
    info: {
      title: 'Alidade: Reality Data Analysis v1',
      version: '1.0.0',
      description:
        'Analysis jobs on reality data: create, submit, follow, cancel. Progress is in whole percents, never goes back, ' +
        'and is 100 if and only if the job succeeded and its outputs can be read.',
    },
    operations: realityDataAnalysisV1Operations,
  },
  {
    basePath: '/reality-analysis',
    fileName: 'reality-analysis-v2.json',
    info: {
      title: 'Alidade: Reality Analysis v2',
      version: '2.0.0',
      description:
        'Analysis jobs on reality data: create, follow, cancel; the bucket of an iTwin. The jobs are those of v1, wherever ' +
        'both have names for what they were given.',
    },
    operations: realityAnalysisV2Operations,
  },
  {
    basePath: '/reality-management',
    fileName: 'reality-management.json',
    info: {
      title: 'Alidade: Reality Management',
      version: '1.0.0',
      description:
        'Reality data, the inputs and outputs of analysis jobs, and URLs to the containers of their files.',
    },
    operations: realityManagementOperations,
  },
]

export function documentOf(api: PublishedApi, publicUrl: string) {
  return openApiDocument(api.operations, { publicUrl, info: api.info })
}
