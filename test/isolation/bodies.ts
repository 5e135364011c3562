// Where the bodies of requests name things: for each route that takes a body, what a stranger sends that names a thing of
// the owner in one place, and otherwise the stranger's own alone.
import type { Answer } from './likeness.ts'
import type { Matrix } from './matrix.ts'
import { neverIssued, neverNamed } from './samples.ts'
import { containerUrl, type Tenant } from './tenants.ts'

export interface Place {
  /** Of the property, as the schema of the body calls it. */
  property: string
  /** What of the owner's, and what else, stands there. */
  ids(matrix: Matrix): Promise<{ foreign: string; missing: string }> | { foreign: string; missing: string }
  /** What the stranger asks with the id in its place: one request, or several in a row. */
  send(me: Tenant, id: string): Promise<Answer[]>
  /** What each of them is answered with. */
  statuses: number[]
}

/** Ids of iTwins: see `takesITwin`. */
const iTwin = ({ owner, third }: Matrix) => ({ foreign: owner.iTwinId, missing: third.iTwinId })
const survey = ({ owner }: Matrix) => ({ foreign: owner.surveys[0], missing: neverIssued() })
const detector = async ({ owner }: Matrix) => {
  const foreign = await owner.detector()
  return { foreign, missing: neverNamed(foreign) }
}

const jobsV1 = '/realitydataanalysis/jobs'
const jobsV2 = '/reality-analysis/jobs'

function v1Body(me: Tenant, changes: object = {}, first = me.surveys[0]) {
  const inputs = [first, me.surveys[1]].map((id, i) => ({ type: `pointClouds${i + 1}`, id }))
  return {
    type: 'changeDetection',
    name: 'mine',
    iTwinId: me.iTwinId,
    inputs,
    outputs: ['objects3D'],
    ...changes,
  }
}

function v2Body(me: Tenant, inputs: object = {}, changes: object = {}) {
  const [model3DA, model3DB] = me.surveys
  const specifications = { inputs: { model3DA, model3DB, ...inputs }, outputs: ['objects3D'] }
  return { type: 'ChangeDetection', name: 'mine', iTwinId: me.iTwinId, specifications, ...changes }
}

/** Of ground, with what is not of `me` in the place of an input. */
function groundBody(me: Tenant, changes: Record<string, string> = {}) {
  const inputs = { pointClouds: me.surveys[0], pointCloudSegmentationDetector: '@alidade/ground', ...changes }
  return v1Body(me, {
    type: 'extractGround',
    inputs: Object.entries(inputs).map(([type, id]) => ({ type, id })),
    outputs: ['segmentedPointCloud'],
  })
}

function segmentationBody(me: Tenant, changes: Record<string, string> = {}) {
  const inputs = { model3D: me.surveys[0], pointCloudSegmentationDetector: '@alidade/ground', ...changes }
  const specifications = { inputs, outputs: ['segmentedModel3D'] }
  return v2Body(me, {}, { type: 'Segmentation3D', specifications })
}

const post = (me: Tenant, path: string, body: object) => me.ask('POST', path, { body })

/** A scene of `me` that refers to the reality data `id`. */
async function sceneOf(me: Tenant, id: string): Promise<string> {
  const scene = await me.realityData('ContextScene')
  const json = {
    version: '5.0',
    PointCloudCollection: { PointClouds: { 0: { Name: 'cloud', Path: '0:survey.las' } } },
    References: { 0: { Path: `rds:${id}` } },
  }
  await me.upload(await containerUrl(me, scene), 'ContextScene.json', JSON.stringify(json))
  return scene
}

async function createAndSubmit(me: Tenant, body: object): Promise<Answer[]> {
  const created = await post(me, jobsV1, body)
  const { id } = JSON.parse(created.text).job
  return [created, await me.ask('PATCH', `${jobsV1}/${id}`, { body: { state: 'active' } })]
}

async function patchOwnJob(me: Tenant, body: object): Promise<Answer[]> {
  return [await me.ask('PATCH', `${jobsV1}/${await me.job()}`, { body })]
}

const fileInBucket = 'extent.geojson'

/** Puts a file into the bucket of the owner that the stranger's has not. */
async function bucketFile({ owner }: Matrix) {
  const made = await owner.make('GET', `/reality-analysis/itwins/${owner.iTwinId}/bucket`)
  await owner.upload(made._links.containerUrl.href, fileInBucket, '{}')
  return { foreign: fileInBucket, missing: fileInBucket.replace('extent', 'nobody') }
}

export const places: Record<string, Place[]> = {
  'POST /realitydataanalysis/jobs': [
    {
      property: 'iTwinId',
      ids: iTwin,
      statuses: [422],
      send: async (me, iTwinId) => [await post(me, jobsV1, v1Body(me, { iTwinId }))],
    },
    {
      property: 'id',
      ids: survey,
      statuses: [201, 422],
      send: (me, id) => createAndSubmit(me, v1Body(me, {}, id)),
    },
    {
      property: 'id',
      ids: survey,
      statuses: [201, 422],
      send: async (me, id) => createAndSubmit(me, v1Body(me, {}, await sceneOf(me, id))),
    },
    {
      property: 'id',
      ids: detector,
      statuses: [422],
      send: async (me, id) => {
        const inputs = [
          { type: 'photos', id: me.surveys[0] },
          { type: 'photoObjectDetector', id },
        ]
        return [await post(me, jobsV1, v1Body(me, { type: 'objects2D', inputs, outputs: ['objects2D'] }))]
      },
    },
    {
      property: 'id',
      ids: survey,
      statuses: [201, 422],
      send: (me, pointClouds) => createAndSubmit(me, groundBody(me, { pointClouds })),
    },
    {
      property: 'id',
      ids: survey,
      statuses: [201, 422],
      send: (me, clipPolygon) => createAndSubmit(me, groundBody(me, { clipPolygon })),
    },
    {
      property: 'id',
      ids: detector,
      statuses: [422],
      send: async (me, pointCloudSegmentationDetector) => [
        await post(me, jobsV1, groundBody(me, { pointCloudSegmentationDetector })),
      ],
    },
    // One that there is in another tenant is no output that could be written to.
    {
      property: 'id',
      ids: survey,
      statuses: [422],
      send: async (me, id) => [await post(me, jobsV1, v1Body(me, { outputs: [id] }))],
    },
  ],
  'PATCH /realitydataanalysis/jobs/{jobId}': [
    {
      property: 'iTwinId',
      ids: ({ owner }) => ({ foreign: owner.iTwinId, missing: neverIssued() }),
      statuses: [422],
      send: (me, iTwinId) => patchOwnJob(me, { iTwinId, name: 'moved' }),
    },
    {
      property: 'id',
      ids: survey,
      statuses: [422],
      send: (me, id) => patchOwnJob(me, { state: 'active', inputs: v1Body(me, {}, id).inputs }),
    },
  ],
  'POST /reality-analysis/jobs': [
    {
      property: 'iTwinId',
      ids: iTwin,
      statuses: [400],
      send: async (me, iTwinId) => [await post(me, jobsV2, v2Body(me, {}, { iTwinId }))],
    },
    {
      property: 'id',
      ids: survey,
      statuses: [422],
      send: async (me, id) => [await post(me, jobsV2, v2Body(me, { model3DA: id }))],
    },
    {
      property: 'id',
      ids: survey,
      statuses: [422],
      send: async (me, id) => [await post(me, jobsV2, v2Body(me, { model3DA: await sceneOf(me, id) }))],
    },
    {
      property: 'id',
      ids: bucketFile,
      statuses: [422],
      send: async (me, name) => [await post(me, jobsV2, v2Body(me, { extent: `bkt:${name}` }))],
    },
    {
      property: 'id',
      ids: iTwin,
      statuses: [422, 422],
      send: async (me, iTwinId) => [
        await post(me, jobsV2, v2Body(me, { extent: `bkt:../bucket-${iTwinId}/${fileInBucket}` })),
        await post(me, jobsV2, v2Body(me, { extent: `bkt:/bucket-${iTwinId}/${fileInBucket}` })),
      ],
    },
    {
      property: 'id',
      ids: detector,
      statuses: [400],
      send: async (me, photoObjectDetector) => {
        const specifications = {
          inputs: { photos: me.surveys[0], photoObjectDetector },
          outputs: ['Objects2D'],
        }
        return [await post(me, jobsV2, v2Body(me, {}, { type: 'Objects2D', specifications }))]
      },
    },
    {
      property: 'id',
      ids: survey,
      statuses: [422],
      send: async (me, model3D) => [await post(me, jobsV2, segmentationBody(me, { model3D }))],
    },
    {
      property: 'id',
      ids: detector,
      statuses: [422],
      send: async (me, pointCloudSegmentationDetector) => [
        await post(me, jobsV2, segmentationBody(me, { pointCloudSegmentationDetector })),
      ],
    },
    {
      property: 'id',
      ids: bucketFile,
      statuses: [422],
      send: async (me, name) => [await post(me, jobsV2, segmentationBody(me, { extent: `bkt:${name}` }))],
    },
  ],
  'POST /reality-management/reality-data': [
    {
      property: 'iTwinId',
      ids: iTwin,
      statuses: [422],
      send: async (me, iTwinId) => [
        await post(me, '/reality-management/reality-data', { displayName: 'mine', type: 'LAS', iTwinId }),
      ],
    },
  ],
  'POST /alidade/linked-reality-data': [
    {
      property: 'iTwinId',
      ids: iTwin,
      statuses: [422, 403, 201],
      send: async (me, iTwinId) => {
        const path = '/alidade/linked-reality-data'
        const body = { folder: me.linkable, displayName: 'mine', type: 'LAS', iTwinId }
        const asAdmin = (body: object) => me.ask('POST', path, { authorization: me.admin, body })
        const own = { ...body, iTwinId: me.iTwinId }
        return [await asAdmin(body), await post(me, path, body), await asAdmin(own)]
      },
    },
  ],
  'PATCH /reality-management/reality-data/{realityDataId}': [],
  'PATCH /reality-management/reality-data/{realityDataId}/move': [
    {
      property: 'iTwinId',
      ids: iTwin,
      statuses: [422],
      send: async (me, iTwinId) => [
        await me.ask('PATCH', `/reality-management/reality-data/${await me.realityData()}/move`, {
          body: { iTwinId },
        }),
      ],
    },
  ],
  'POST /webhooks': [
    {
      property: 'scopeId',
      ids: iTwin,
      statuses: [422],
      send: async (me, scopeId) => [await post(me, '/webhooks', webhookBody('iTwin', scopeId))],
    },
    {
      property: 'scopeId',
      ids: ({ owner }) => ({ foreign: owner.org, missing: 'nobody-ag' }),
      statuses: [422],
      send: async (me, scopeId) => [await post(me, '/webhooks', webhookBody('Account', scopeId))],
    },
  ],
  'PATCH /webhooks/{webhookId}': [],
  'POST /realitydataanalysis/detectors': [
    {
      property: 'name',
      ids: detector,
      statuses: [201],
      send: async (me, name) => {
        const detector = { name, type: 'PhotoObjectDetector', version: '1.0', labels: ['car'] }
        return [await post(me, '/realitydataanalysis/detectors', { detector })]
      },
    },
  ],
  'PATCH /realitydataanalysis/detectors/{detectorName}': [],
  'POST /reality-analysis/detectors': [
    {
      property: 'name',
      ids: detector,
      statuses: [201],
      send: async (me, name) => [
        await post(me, '/reality-analysis/detectors', { name, type: 'PhotoObjectDetector' }),
      ],
    },
  ],
  'PATCH /reality-analysis/detectors/{detectorName}': [],
  'POST /reality-analysis/detectors/{detectorName}/versions': [],
}

function webhookBody(scope: string, scopeId: string) {
  const eventTypes = ['realityAnalysis.jobCompleted.v1']
  return { callbackUrl: 'https://127.0.0.1:9/mine', scope, scopeId, eventTypes }
}
