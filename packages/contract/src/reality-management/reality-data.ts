// The reality data as it goes over the wire. The service never sends a null: what is not set is left out.
import { type Static, Type } from 'typebox'
import { DateTime, Guid, guidPattern, Link } from '../common.ts'

const closed = { additionalProperties: false } as const

/** What may not stand in the texts that people read: links and code. */
export const plainTextRule = 'Holds no `<`, `>`, `http://` or `https://`.'
const PlainText = (description: string, minLength = 0, maxLength = 1024) =>
  Type.String({ minLength, maxLength, description: `${description} ${plainTextRule}` })

export const classifications = ['Terrain', 'Imagery', 'Pinned', 'Model', 'Undefined'] as const

const Coordinate = Type.Object(
  {
    latitude: Type.Number({ minimum: -90, maximum: 90, description: 'Degrees, WGS 84.' }),
    longitude: Type.Number({ minimum: -180, maximum: 180, description: 'Degrees, WGS 84.' }),
  },
  { ...closed, title: 'Coordinate' },
)
export const Extent = Type.Object(
  { southWest: Coordinate, northEast: Coordinate },
  {
    ...closed,
    title: 'Extent',
    description:
      'A western longitude above the eastern one means that the extent crosses the 180th meridian.',
  },
)
export type Extent = Static<typeof Extent>

export const Acquisition = Type.Object(
  {
    startDateTime: Type.Optional(DateTime),
    endDateTime: Type.Optional(DateTime),
    acquirer: Type.Optional(Type.String({ maxLength: 256, description: 'Who took the data.' })),
  },
  { ...closed, title: 'Acquisition' },
)

export const Crs = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 256, description: 'E.g. `EPSG:32632`.' }),
    verticalId: Type.Optional(Type.String({ maxLength: 256, description: 'E.g. `EPSG:5773`.' })),
  },
  { ...closed, title: 'Crs' },
)

const displayName = PlainText('Name for people.', 1, 256)
const type = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'What the files are, e.g. `LAS`, `LAZ`, `ContextScene`. Free text; jobs accept only some.',
})

/** What a client may set beside the two required properties. */
const settable = {
  classification: Type.Optional(Type.Enum([...classifications])),
  dataset: Type.Optional(PlainText('Name of the dataset it belongs to.')),
  group: Type.Optional(PlainText('Name of the group it belongs to.')),
  description: Type.Optional(PlainText('What it shows.', 0, 4096)),
  tags: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 128 }), {
      maxItems: 64,
      description: 'Kept in lower case, each once.',
    }),
  ),
  rootDocument: Type.Optional(
    Type.String({ maxLength: 1024, description: 'Name of the blob to open first, e.g. `tileset.json`.' }),
  ),
  acquisition: Type.Optional(Acquisition),
  extent: Type.Optional(Extent),
  authoring: Type.Optional(
    Type.Boolean({ description: 'Whether somebody is still writing its files. No effect in this service.' }),
  ),
  attribution: Type.Optional(Type.String({ maxLength: 4096 })),
  termsOfUse: Type.Optional(Type.String({ maxLength: 4096 })),
  crs: Type.Optional(Crs),
}

export const RealityData = Type.Object(
  {
    id: Guid,
    displayName,
    type,
    ...settable,
    authoring: Type.Boolean({ description: 'As the client set it; false until then.' }),
    dataCenterLocation: Type.String({ description: 'Always `Local`: where this service runs.' }),
    size: Type.Integer({
      minimum: 0,
      description: 'Of all its files together, in kB (1024 bytes), rounded up.',
    }),
    ownerId: Type.String({ description: 'User id of whoever created it.' }),
    createdDateTime: DateTime,
    modifiedDateTime: Type.String({
      ...DateTime,
      description:
        'Last change of these properties, or of which files a job has published; uploads do not count.',
    }),
    lastAccessedDateTime: Type.String({
      ...DateTime,
      description: 'When read access was last asked for, to the minute.',
    }),
  },
  { ...closed, title: 'RealityData' },
)
export type RealityData = Static<typeof RealityData>

export const RealityDataMinimal = Type.Object(
  { id: Guid, displayName, type },
  { ...closed, title: 'RealityDataMinimal' },
)
export type RealityDataMinimal = Static<typeof RealityDataMinimal>

export const RealityDataResponse = Type.Object(
  { realityData: RealityData },
  { ...closed, title: 'RealityDataResponse' },
)
export type RealityDataResponse = Static<typeof RealityDataResponse>

export const RealityDataListResponse = Type.Object(
  {
    realityData: Type.Array(Type.Union([RealityData, RealityDataMinimal])),
    _links: Type.Optional(Type.Object({ next: Link }, closed)),
  },
  { ...closed, title: 'RealityDataListResponse' },
)
export type RealityDataListResponse = Static<typeof RealityDataListResponse>

/** A published client sends an empty text where its caller names no iTwin. */
const iTwinIdOrNone = Type.String({
  ...Guid,
  pattern: `^$|${guidPattern}`,
  description: 'The iTwin it shall belong to; none if absent or empty.',
})

/** Members sent as null are taken as absent before this is checked. */
export const RealityDataCreate = Type.Object(
  { displayName, type, iTwinId: Type.Optional(iTwinIdOrNone), ...settable },
  { title: 'RealityDataCreate' },
)
export type RealityDataCreate = Static<typeof RealityDataCreate>

export const RealityDataUpdate = Type.Object(
  { displayName: Type.Optional(displayName), type: Type.Optional(type), ...settable },
  { title: 'RealityDataUpdate' },
)
export type RealityDataUpdate = Static<typeof RealityDataUpdate>
