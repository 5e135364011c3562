// The v1 job as it goes over the wire. Published v1 clients reject unknown members in several of these objects,
// and nulls everywhere: what is not known is left out.
import { type Static, Type } from 'typebox'
import { DateTime, Guid, Link } from '../common.ts'
import { jobStates } from '../job-states.ts'

const closed = { additionalProperties: false } as const

export const JobInput = Type.Object(
  {
    type: Type.String({ description: 'Name of the input, e.g. `pointClouds1`.' }),
    id: Type.String({ description: 'Id of the reality data.' }),
  },
  { ...closed, title: 'JobInput' },
)
export const JobOutput = Type.Object(
  {
    type: Type.String({ description: 'Name of the output, e.g. `objects3D`.' }),
    id: Type.String({
      description: 'Id of the reality data that receives it; it exists, empty, from creation on.',
    }),
  },
  { ...closed, title: 'JobOutput' },
)

const nonNegative = (description: string) => Type.Optional(Type.Number({ minimum: 0, description }))
const costParameters = {
  gigaPixels: nonNegative('Size of all photos in 1e9 pixels.'),
  numberOfPhotos: nonNegative('Number of photos.'),
  sceneWidth: nonNegative('Width of the scene in metres.'),
  sceneHeight: nonNegative('Height of the scene in metres.'),
  sceneLength: nonNegative('Length of the scene in metres.'),
  detectorScale: nonNegative('Scale of the detector.'),
  detectorCost: nonNegative('Cost factor of the detector.'),
}
export const CostEstimationParameters = Type.Object(costParameters, {
  ...closed,
  title: 'CostEstimationParameters',
})
export const CostEstimation = Type.Object(
  { ...costParameters, estimatedCost: Type.Number({ description: 'Predicted processing units.' }) },
  { ...closed, title: 'CostEstimation' },
)

export const Message = Type.Object(
  { code: Type.String(), title: Type.String(), message: Type.String(), params: Type.Array(Type.String()) },
  { ...closed, title: 'Message' },
)

export const ExecutionInformation = Type.Object(
  {
    submissionDateTime: Type.Optional(DateTime),
    startedDateTime: Type.Optional(DateTime),
    endedDateTime: Type.Optional(DateTime),
    exitCode: Type.Optional(Type.Integer({ description: '0 after success, 1 after failure.' })),
    estimatedUnits: Type.Optional(Type.Number({ description: 'Processing units used.' })),
    errors: Type.Array(Message),
    warnings: Type.Array(Message),
  },
  { ...closed, title: 'ExecutionInformation' },
)

/** Options are echoed as the client sent them: v1 clients send strings and parse what comes back. */
export const Options = Type.Record(Type.String(), Type.Unknown(), { title: 'Options' })

export const Job = Type.Object(
  {
    id: Guid,
    name: Type.String(),
    type: Type.String({ description: 'Job type, e.g. `changeDetection`.' }),
    iTwinId: Guid,
    state: Type.Enum([...jobStates]),
    email: Type.String({
      description: 'E-mail of the user who created the job; empty if the token carries none.',
    }),
    dataCenter: Type.String(),
    createdDateTime: DateTime,
    lastModifiedDateTime: DateTime,
    inputs: Type.Array(JobInput),
    outputs: Type.Array(JobOutput),
    options: Type.Optional(Options),
    costEstimation: Type.Optional(CostEstimation),
    executionInformation: Type.Optional(ExecutionInformation),
  },
  { ...closed, title: 'Job' },
)
export type Job = Static<typeof Job>

export const JobResponse = Type.Object({ job: Job }, { ...closed, title: 'JobResponse' })
export type JobResponse = Static<typeof JobResponse>

export const JobsResponse = Type.Object(
  {
    jobs: Type.Array(Job),
    _links: Type.Optional(Type.Object({ next: Type.Optional(Link) }, closed)),
  },
  { ...closed, title: 'JobsResponse' },
)
export type JobsResponse = Static<typeof JobsResponse>

/** Members sent as null are taken as absent before this is checked. */
export const JobCreate = Type.Object(
  {
    type: Type.String(),
    name: Type.String({ minLength: 1, maxLength: 256 }),
    iTwinId: Guid,
    inputs: Type.Array(JobInput, { minItems: 1, maxItems: 64 }),
    outputs: Type.Array(Type.String(), { minItems: 1, maxItems: 64 }),
    options: Type.Optional(Options),
    costEstimationParameters: Type.Optional(CostEstimationParameters),
  },
  { title: 'JobCreate' },
)
export type JobCreate = Static<typeof JobCreate>

export const JobPatch = Type.Object(
  {
    state: Type.Optional(
      Type.String({ description: '`active` submits, `cancelled` cancels; letter case is free.' }),
    ),
    type: Type.Optional(Type.String()),
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
    inputs: Type.Optional(Type.Array(JobInput, { minItems: 1, maxItems: 64 })),
    outputs: Type.Optional(Type.Array(Type.String(), { minItems: 1, maxItems: 64 })),
    options: Type.Optional(Options),
    costEstimationParameters: Type.Optional(CostEstimationParameters),
  },
  { title: 'JobPatch' },
)
export type JobPatch = Static<typeof JobPatch>
