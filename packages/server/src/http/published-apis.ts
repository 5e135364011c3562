// The APIs that have a document of their own: where it is served and which operations it shows.
import {
  alidadeOperations,
  type EventDeclaration,
  detectorV1Operations,
  detectorV2Operations,
  type Operation,
  realityAnalysisV2Operations,
  realityDataAnalysisV1Operations,
  realityManagementOperations,
  webhookEvents,
  webhooksOperations,
} from '@alidade/contract'
import { type OpenApiInfo, openApiDocument } from './openapi.ts'

export interface PublishedApi {
  /** Served at `<basePath>/openapi.json`. */
  basePath: string
  /** Committed as `packages/contract/openapi/<fileName>`. */
  fileName: string
  info: OpenApiInfo
  operations: readonly Operation[]
  /** What it sends by itself. */
  events?: Record<string, EventDeclaration>
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
    operations: [...realityDataAnalysisV1Operations, ...detectorV1Operations],
  },
  {
    basePath: '/reality-analysis',
    fileName: 'reality-analysis-v2.json',
    info: {
      title: 'Alidade: Reality Analysis v2',
      version: '2.0.0',
      description:
        'Analysis jobs on reality data: create, follow, cancel; the bucket of an iTwin; detectors, which analysis jobs find ' +
        'things with. Jobs and detectors are those of v1; a job wherever both have names for what it was given.',
    },
    operations: [...realityAnalysisV2Operations, ...detectorV2Operations],
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
  {
    basePath: '/webhooks',
    fileName: 'webhooks.json',
    info: {
      title: 'Alidade: Webhooks',
      version: '2.0.0',
      description:
        'Be told when a job ends: signed requests to a URL of yours, repeated until they are answered.',
    },
    operations: webhooksOperations,
    events: webhookEvents,
  },
  {
    basePath: '/alidade',
    fileName: 'alidade.json',
    info: {
      title: 'Alidade: beside the published APIs',
      version: '1.0.0',
      description: 'What this service has of its own, for those who run it.',
    },
    operations: alidadeOperations,
  },
]

export function documentOf(api: PublishedApi, publicUrl: string) {
  return openApiDocument(api.operations, { publicUrl, info: api.info, events: api.events })
}
