// Every setting of the service, once: flag, environment variable, key of the config file, default, help.
import { largestTimeLimitMinutes } from '@alidade/contract/jobs'

export interface Setting {
  /** `--name` on the command line and the key in the config file; ALIDADE_NAME in the environment. */
  name: string
  type:
    | 'integer'
    | 'minutes'
    | 'text'
    | 'folders'
    | 'megabytes'
    | 'url'
    | 'url-with-query'
    | 'origins'
    | 'issuers'
    | 'proxies'
    | 'networks'
    | 'connection-string'
  default: string | undefined
  /** Other environment variables that are understood, e.g. what hosting platforms set. */
  alsoEnv?: readonly string[]
  /** What to show in place of the value. */
  placeholder?: string
  /** What is in force while nothing is set, in words. */
  whenUnset?: string
  /** May be given several times; the values are joined by commas. */
  repeatable?: boolean
  minimum?: number
  maximum?: number
  oneOf?: readonly string[]
  /** Never printed whole. */
  secret?: boolean
  help: string
}

export const settings = {
  port: {
    name: 'port',
    type: 'integer',
    default: '8787',
    alsoEnv: ['PORT'],
    placeholder: 'N',
    minimum: 0,
    maximum: 65535,
    help: 'Port to listen on; 0 takes a free one.',
  },
  host: {
    name: 'host',
    type: 'text',
    default: '127.0.0.1',
    placeholder: 'ADDRESS',
    help: 'Address to listen on; 0.0.0.0 for all.',
  },
  dataDir: {
    name: 'data-dir',
    type: 'text',
    default: '.alidade',
    placeholder: 'DIR',
    help: 'Folder for database, uploads, results and keys.',
  },
  role: {
    name: 'role',
    type: 'text',
    default: 'all',
    oneOf: ['all', 'api', 'agent'],
    placeholder: 'all|api|agent',
    help: 'What this process does; `api` and `agent` alone need PostgreSQL.',
  },
  databaseUrl: {
    name: 'database-url',
    type: 'text',
    default: undefined,
    alsoEnv: ['DATABASE_URL'],
    placeholder: 'URL',
    whenUnset: 'embedded database',
    secret: true,
    help: 'PostgreSQL to use instead of the embedded database.',
  },
  rateLimit: {
    name: 'rate-limit',
    type: 'integer',
    default: '5000',
    minimum: 0,
    placeholder: 'N',
    help: 'Requests per minute and client id; 0 for no limit.',
  },
  publicUrl: {
    name: 'public-url',
    type: 'url',
    default: undefined,
    placeholder: 'URL',
    whenUnset: 'the listening address',
    help: 'Where clients reach this service, for container URLs and links; a path in it is one that a proxy takes off.',
  },
  trustProxy: {
    name: 'trust-proxy',
    type: 'proxies',
    default: 'false',
    placeholder: 'true|ADDRESSES',
    repeatable: true,
    help: 'Proxies whose X-Forwarded-For is believed: `true` for all, or addresses and networks, comma-joined.',
  },
  corsOrigin: {
    name: 'cors-origin',
    type: 'origins',
    default: undefined,
    placeholder: 'ORIGINS',
    whenUnset: 'none',
    repeatable: true,
    help: 'Origins that browsers may call from, comma-joined, or `*`.',
  },
  slots: {
    name: 'slots',
    type: 'integer',
    default: '1',
    minimum: 1,
    placeholder: 'N',
    help: 'Jobs at a time on this machine.',
  },
  threads: {
    name: 'threads',
    type: 'integer',
    default: undefined,
    minimum: 1,
    placeholder: 'N',
    help: 'Threads that one job keeps busy; default all cores divided by the slots.',
  },
  memoryLimit: {
    name: 'memory-limit',
    type: 'megabytes',
    default: undefined,
    minimum: 64,
    placeholder: 'MB',
    help: 'Memory one job may use, e.g. 4096 or 8GB; default --memory divided by the slots.',
  },
  memory: {
    name: 'memory',
    type: 'megabytes',
    default: undefined,
    minimum: 64,
    placeholder: 'MB',
    help: 'Memory that all jobs on this machine may use together; default three quarters of the machine.',
  },
  maxAttempts: {
    name: 'max-attempts',
    type: 'integer',
    default: '3',
    minimum: 1,
    placeholder: 'N',
    help: 'How often a job is begun whose worker or machine is lost in the midst of it, before it fails.',
  },
  blobDir: {
    name: 'blob-dir',
    type: 'text',
    default: undefined,
    placeholder: 'DIR',
    whenUnset: 'blobs in the data folder',
    help: 'Folder for uploads and results; every API process names the same, an agent where it can reach it.',
  },
  blobConnectionString: {
    name: 'blob-connection-string',
    type: 'connection-string',
    default: undefined,
    placeholder: 'TEXT',
    whenUnset: 'none: uploads and results are in a folder',
    secret: true,
    help: 'Account of Azure Blob Storage for uploads and results, with its key; best given in the environment.',
  },
  linkRoots: {
    name: 'link-roots',
    type: 'folders',
    default: undefined,
    placeholder: 'DIRS',
    whenUnset: 'none',
    repeatable: true,
    help: 'Folders of this host, comma-joined, below which administrators may show folders as reality data, read only.',
  },
  apiUrl: {
    name: 'api-url',
    type: 'url',
    default: undefined,
    placeholder: 'URL',
    whenUnset: 'as API processes announce it',
    help: 'Where an agent that does not share the blob folder reaches the API.',
  },
  stallMinutes: {
    name: 'stall-minutes',
    type: 'minutes',
    default: '10',
    minimum: 0,
    maximum: largestTimeLimitMinutes,
    placeholder: 'MINUTES',
    help: 'A job that counts nothing for so long fails as Stalled; 0 for no limit.',
  },
  timeLimit: {
    name: 'time-limit',
    type: 'minutes',
    default: '0',
    minimum: 0,
    maximum: largestTimeLimitMinutes,
    placeholder: 'MINUTES',
    help: 'A job that takes longer, over all its attempts, fails as TimedOut; 0 for no limit. A job may name its own.',
  },
  keepFrom: {
    name: 'keep-from',
    type: 'integer',
    default: '60',
    minimum: 0,
    placeholder: 'SECONDS',
    help: 'Jobs expected to take so long keep results of long parts on the disk for their next attempt; 0: no job does.',
  },
  divideFrom: {
    name: 'divide-from',
    type: 'integer',
    default: '20000000',
    minimum: 0,
    placeholder: 'POINTS',
    help: 'Jobs with more points are divided into tiles that every agent takes; 0: none is.',
  },
  maxUpload: {
    name: 'max-upload',
    type: 'megabytes',
    default: '200000',
    minimum: 1,
    placeholder: 'MB',
    help: 'Largest single file that may be uploaded.',
  },
  detectorMaxSize: {
    name: 'detector-max-size',
    type: 'megabytes',
    default: '2000',
    minimum: 1,
    maximum: 4000,
    placeholder: 'MB',
    help: 'Largest file of a detector, archive or model.',
  },
  detectorMaxUnpacked: {
    name: 'detector-max-unpacked',
    type: 'megabytes',
    default: '4000',
    minimum: 1,
    placeholder: 'MB',
    help: 'Most that the archive of a detector may unpack to.',
  },
  detectorMaxEntries: {
    name: 'detector-max-entries',
    type: 'integer',
    default: '1000',
    minimum: 2,
    maximum: 10_000,
    placeholder: 'N',
    help: 'Most files and folders in the archive of a detector.',
  },
  detectorMaxRatio: {
    name: 'detector-max-ratio',
    type: 'integer',
    default: '100',
    minimum: 1,
    maximum: 1000,
    placeholder: 'N',
    help: 'How many times its packed size an entry above 1 MB in the archive of a detector, and the whole, may be.',
  },
  diskLowWater: {
    name: 'disk-low-water',
    type: 'megabytes',
    default: undefined,
    minimum: 1,
    placeholder: 'MB',
    whenUnset: '500, or 5 % of a disk smaller than 10 GB',
    help: 'With less than this free on the disk of the data folder uploads are refused and no job is begun.',
  },
  issuer: {
    name: 'issuer',
    type: 'issuers',
    default: undefined,
    placeholder: 'builtin|URL',
    whenUnset: 'none',
    repeatable: true,
    help: 'Whose tokens are accepted, comma-joined: `builtin`, URLs of OpenID Connect issuers. Default builtin on loopback.',
  },
  audience: {
    name: 'audience',
    type: 'text',
    default: undefined,
    placeholder: 'TEXT',
    whenUnset: 'none',
    repeatable: true,
    help: 'Audience that tokens of an OpenID Connect issuer must carry; of several, comma-joined, any one.',
  },
  jwksUrl: {
    name: 'jwks-url',
    type: 'url-with-query',
    default: undefined,
    placeholder: 'URL',
    whenUnset: "the issuer's discovery document",
    help: 'Where the keys of the OpenID Connect issuer are; default what its discovery document says.',
  },
  webhookAllow: {
    name: 'webhook-allow',
    type: 'networks',
    default: undefined,
    placeholder: 'NETWORKS',
    whenUnset: 'public addresses only',
    repeatable: true,
    help: 'Addresses and networks that webhooks may name although they are not public, comma-joined; there `http` will do too.',
  },
  drain: {
    name: 'drain',
    type: 'integer',
    default: '0',
    minimum: 0,
    maximum: 20,
    placeholder: 'SECONDS',
    help: 'After the stop is told, time in which requests are still taken while /readyz answers 503, for load balancers.',
  },
  logLevel: {
    name: 'log-level',
    type: 'text',
    default: 'info',
    oneOf: ['trace', 'debug', 'info', 'warn', 'error', 'silent'],
    placeholder: 'LEVEL',
    help: 'Least level that is logged, as JSON lines on standard error.',
  },
} as const satisfies Record<string, Setting>
export type SettingKey = keyof typeof settings

export function environmentName(setting: Setting): string {
  return `ALIDADE_${setting.name.toUpperCase().replaceAll('-', '_')}`
}
