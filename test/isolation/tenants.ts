// Tenants of the service, and the things that they own: made by requests, as a client makes them.
import { createHash, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { writeLasPoints } from '../../packages/formats/src/index.ts'
import { detectorArchive } from '../../packages/jobs/src/detector/detector.fixture.ts'
import type { Asking, IsolatedService } from './isolated-service.ts'
import type { Answer } from './likeness.ts'

export interface Tenant {
  org: string
  /** A token of the user who owns all that is made here. */
  authorization: string
  /** A token of an administrator. */
  admin: string
  /** Belongs to the tenant from the start. */
  iTwinId: string
  /** Point clouds in it. */
  surveys: [string, string]
  /** A folder that may be shown as reality data. */
  linkable: string
  /** Everything that nobody else may be told of: ids, names, texts. */
  secrets: Set<string>
  ask(method: string, path: string, asking?: Asking): Promise<Answer>
  /** The body of an answer that has to be a success. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  make(method: string, path: string, asking?: Asking): Promise<any>
  realityData(type?: string): Promise<string>
  /** v1 shows it as unsubmitted. */
  job(): Promise<string>
  submittedJob(): Promise<string>
  webhook(): Promise<string>
  /** With a version 1.0 that is ready. Returns its name. */
  detector(): Promise<string>
  /** Puts a file into the container behind a URL that an answer held. */
  upload(href: string, name: string, body: Uint8Array | string): Promise<void>
  /** All that the tenant can see of what it owns. */
  seen(): Promise<string>
}

/** `org` and its user are secrets, so they must be words that no answer has for another reason. */
export async function openTenant(service: IsolatedService, org: string): Promise<Tenant> {
  const subject = `${org}-user`
  const authorization = await service.authorization({ org, subject, email: `${subject}@example.org` })
  const admin = await service.authorization({ org, subject: `${org}-root`, role: 'admin' })
  const iTwinId = randomUUID()
  const secrets = new Set([org, iTwinId])
  const secret = <T extends string>(text: T) => {
    secrets.add(text)
    return text
  }
  let count = 0
  const nameOf = (what: string) => secret(`${org}-${what}-${String(++count).padStart(4, '0')}`)

  const tenant: Tenant = {
    ...{ org, authorization, admin, linkable: service.linkable, iTwinId, secrets, surveys: ['', ''] },
    ask: (method, path, asking) => service.ask(method, path, { authorization, ...asking }),
    make: async (method, path, asking) => {
      const answer = await tenant.ask(method, path, asking)
      expect(answer.status, `${method} ${path}: ${answer.text}`).toBeLessThan(300)
      return answer.text === '' ? undefined : JSON.parse(answer.text)
    },
    realityData: async (type = 'LAS') => {
      const body = { displayName: nameOf('data'), type, iTwinId, tags: [`${org}-tag`] }
      const made = await tenant.make('POST', '/reality-management/reality-data', { body })
      return secret(made.realityData.id)
    },
    job: async () => {
      const inputs = tenant.surveys.map((id, i) => ({ type: `pointClouds${i + 1}`, id }))
      const outputs = ['objects3D']
      const body = { type: 'changeDetection', name: nameOf('job'), iTwinId, inputs, outputs }
      const { job } = await tenant.make('POST', '/realitydataanalysis/jobs', { body })
      secret(job.outputs[0].id)
      return secret(job.id)
    },
    submittedJob: async () => {
      const [model3DA, model3DB] = tenant.surveys
      const specifications = { inputs: { model3DA, model3DB }, outputs: ['objects3D'] }
      const body = { type: 'ChangeDetection', name: nameOf('job'), iTwinId, specifications }
      const { job } = await tenant.make('POST', '/reality-analysis/jobs', { body })
      return secret(job.id)
    },
    webhook: async () => {
      const callbackUrl = `https://127.0.0.1:9/${nameOf('hook')}`
      const eventTypes = ['realityAnalysis.jobCompleted.v1']
      const body = { callbackUrl, scope: 'iTwin', scopeId: iTwinId, eventTypes }
      return secret((await tenant.make('POST', '/webhooks', { body })).id)
    },
    detector: async () => {
      const name = nameOf('detector')
      const path = `/reality-analysis/detectors`
      await tenant.make('POST', path, { body: { name, type: 'PhotoSegmentationDetector' } })
      const versions = `${path}/${name}/versions`
      const capabilities = { labels: [`${org}-label`], exports: ['Lines'] }
      const { _links } = await tenant.make('POST', versions, { body: { versionNumber: '1.0', capabilities } })
      await tenant.upload(_links.uploadUrl.href, '', detectorArchive({}))
      await tenant.make('POST', `${versions}/1.0/complete`)
      return name
    },
    upload: async (href, name, body) => {
      const headers = { 'x-ms-blob-type': 'BlockBlob' }
      const answer = await service.ask('PUT', pathIn(href, name), { headers, body })
      expect(answer.status, answer.text).toBe(201)
    },
    seen: async () => {
      const hash = createHash('sha256')
      const prefer = { headers: { prefer: 'return=representation' } }
      for (const path of listPaths) {
        const { status, text } = await tenant.ask('GET', path, prefer)
        expect([path, status, /"next"/.test(text)]).toEqual([path, 200, false])
        // Download links are signed anew each time.
        hash.update(text.replaceAll(/s[ei]g?=[^"&]+/g, ''))
      }
      return hash.digest('hex')
    },
  }
  tenant.surveys = [await survey(tenant), await survey(tenant)]
  return tenant
}

/** Without a filter: of jobs, those of the user, who made them all. */
const listPaths = [
  '/realitydataanalysis/jobs?$top=1000',
  '/reality-management/reality-data?$top=1000',
  '/webhooks',
  '/realitydataanalysis/detectors',
]

async function survey(tenant: Tenant): Promise<string> {
  const id = await tenant.realityData()
  const path = join(tmpdir(), `${id}.las`)
  const z = Float64Array.of(1, 2, 3)
  await writeLasPoints(path, { x: z, y: z, z }, { crs: { epsg: 32632 }, createdAt: new Date(0) })
  await tenant.upload(await containerUrl(tenant, id), 'survey.las', await readFile(path))
  return id
}

export async function containerUrl(tenant: Tenant, id: string, kind = 'writeaccess'): Promise<string> {
  const made = await tenant.make('GET', `/reality-management/reality-data/${id}/${kind}`)
  return made._links.containerUrl.href
}

/** Path and query of a URL of the service; `name`: of a blob in the container that it means. */
export function pathIn(href: string, name = ''): string {
  const { pathname, search } = new URL(href)
  return `${pathname}${name === '' ? '' : `/${name}`}${search}`
}
