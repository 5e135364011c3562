// The v2 job as it goes over the wire. Clients refuse nulls: what is not known is left out.
import { type Static, Type } from 'typebox'
import { DateTime, Guid, Link } from '../common.ts'
import { Message } from '../v1/job.ts'
import { jobV2States } from '../job-states.ts'

const closed = { additionalProperties: false } as const

const State = Type.Enum([...jobV2States], {
  description:
    '`Queued` until a worker has begun; `TerminatingOnCancel` and `TerminatingOnFailure` while a worker still ends its ' +
    'computing and frees what it has written.',
})

const Name = Type.String({ minLength: 3, maxLength: 256 })
const Value = Type.Union([
  Type.String({ minLength: 1, maxLength: 1024 }),
  Type.Array(Type.String(), { maxItems: 64 }),
])
const Inputs = Type.Record(Type.String(), Value, {
  description:
    'By name: the id of a reality data, `bkt:` and the path of a file in the bucket, or a detector.',
})
const Options = Type.Record(Type.String(), Type.Unknown(), { description: 'By name, typed.' })

export const ExecutionInfo = Type.Object(
  {
    createdDateTime: DateTime,
    startedDateTime: Type.Optional(DateTime),
    endedDateTime: Type.Optional(DateTime),
    processingUnits: Type.Optional(Type.Number({ description: 'Known once the job succeeded.' })),
  },
  { ...closed, title: 'ExecutionInfo' },
)

export const Specifications = Type.Object(
  {
    inputs: Inputs,
    outputs: Type.Record(Type.String(), Type.String(), {
      description:
        'By name: the id of the reality data that receives it; it exists, empty, from creation on.',
    }),
    options: Type.Optional(Options),
  },
  { ...closed, title: 'Specifications' },
)

export const JobV2 = Type.Object(
  {
    id: Guid,
    state: State,
    userId: Type.String({ description: 'The user who created the job.' }),
    name: Type.Optional(Name),
    type: Type.String({ description: 'Job type, e.g. `ChangeDetection`.' }),
    iTwinId: Guid,
    itwinId: Type.String({
      description: 'The same as iTwinId, as the schemas of one published client spell it.',
    }),
    executionInfo: ExecutionInfo,
    specifications: Specifications,
  },
  { ...closed, title: 'Job' },
)
export type JobV2 = Static<typeof JobV2>

export const JobV2Response = Type.Object({ job: JobV2 }, { ...closed, title: 'JobResponse' })
export type JobV2Response = Static<typeof JobV2Response>

export const JobsV2Response = Type.Object(
  { jobs: Type.Array(JobV2), _links: Type.Optional(Type.Object({ next: Link }, closed)) },
  { ...closed, title: 'JobsResponse' },
)
export type JobsV2Response = Static<typeof JobsV2Response>

/** Members sent as null are taken as absent before this is checked. */
export const JobCreateV2 = Type.Object(
  {
    type: Type.String(),
    name: Type.Optional(Name),
    iTwinId: Guid,
    specifications: Type.Object(
      {
        inputs: Inputs,
        outputs: Type.Array(Type.String(), {
          minItems: 1,
          maxItems: 64,
          description: 'Names; letter case is free.',
        }),
        options: Type.Optional(Options),
      },
      { title: 'SpecificationsCreate' },
    ),
  },
  { title: 'JobCreate' },
)
export type JobCreateV2 = Static<typeof JobCreateV2>

export const JobProgressV2Response = Type.Object(
  {
    progress: Type.Object(
      {
        percentage: Type.Number({
          minimum: 0,
          maximum: 100,
          description:
            'Share of the work done, in whole percents rounded down. Never decreases; 100 if and only if the job succeeded and its outputs can be read.',
        }),
        state: State,
      },
      { ...closed, title: 'Progress' },
    ),
  },
  { ...closed, title: 'ProgressResponse' },
)

export const JobMessagesResponse = Type.Object(
  {
    messages: Type.Object(
      { errors: Type.Array(Message), warnings: Type.Array(Message) },
      { ...closed, title: 'Messages' },
    ),
  },
  { ...closed, title: 'MessagesResponse' },
)
export type JobMessagesResponse = Static<typeof JobMessagesResponse>
