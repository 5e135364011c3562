// What is asked of both servers, in this order, and where our own store answers otherwise on purpose.
import type { DialectRequest } from './two-servers.ts'

export interface DialectStep extends DialectRequest {
  readonly title: string
  /** ETag and time of the answer are remembered under this name: `{etag:first}`, `{time:first}` in later headers. */
  readonly remember?: string
  /** The NextMarker of the listing is remembered for `{marker}` in a later query. */
  readonly rememberMarker?: true
  /** The client gave an MD5, so that both have one. */
  readonly ownMd5?: true
  /** A difference that is not named fails, and so does a named one that is not there. */
  readonly differs?: { readonly aspects: readonly string[]; readonly because: string }
}

const put = (blob: string, body: string, headers: Record<string, string> = {}): DialectRequest => ({
  method: 'PUT',
  blob,
  body,
  headers: { 'x-ms-blob-type': 'BlockBlob', ...headers },
})
const get = (blob: string, headers: Record<string, string> = {}): DialectRequest => ({ blob, headers })
const head = (blob: string, headers: Record<string, string> = {}): DialectRequest => ({
  method: 'HEAD',
  blob,
  headers,
})
const remove = (blob: string, headers: Record<string, string> = {}): DialectRequest => ({
  method: 'DELETE',
  blob,
  headers,
})
const blockId = (n: number) => Buffer.from(`block-${String(n).padStart(6, '0')}`).toString('base64')
const block = (
  blob: string,
  id: string,
  body: string,
  headers: Record<string, string> = {},
): DialectRequest => ({
  method: 'PUT',
  blob,
  query: `comp=block&blockid=${encodeURIComponent(id)}`,
  body,
  headers,
})
const commit = (blob: string, entries: string, headers: Record<string, string> = {}): DialectRequest => ({
  method: 'PUT',
  blob,
  query: 'comp=blocklist',
  headers,
  body: `<?xml version="1.0" encoding="utf-8"?><BlockList>${entries}</BlockList>`,
})
const latest = (...ids: number[]) => ids.map((id) => `<Latest>${blockId(id)}</Latest>`).join('')
const list = (query = ''): DialectRequest => ({
  query: ['restype=container&comp=list', query].filter(Boolean).join('&'),
})
const signed = (signing: DialectRequest['signing'], request: DialectRequest): DialectRequest => ({
  ...request,
  ...(signing !== undefined && { signing }),
})
/** MD5 of `hello`, and of something else. */
const md5 = 'XUFAKrxLKna5cZ2REBfFkg=='
const wrongMd5 = 'AAAAAAAAAAAAAAAAAAAAAA=='

type Difference = NonNullable<DialectStep['differs']>
const error = ['body', 'x-ms-error-code']
const refusal = [...error, 'content-length', 'content-type']
const blobHeaders = ['etag', 'last-modified', 'accept-ranges', 'x-ms-creation-time', 'x-ms-blob-type']
const lease = ['x-ms-lease-state', 'x-ms-lease-status']
const silent: Difference = {
  aspects: [...refusal, 'x-ms-request-id'],
  because: 'Azurite refuses with the same status and says nothing else; ours names the fault',
}
const otherWord: Difference = {
  aspects: error,
  because: 'Azurite says AuthorizationFailure; the reference of the dialect, and ours, AuthenticationFailed',
}
const answered = (because: string): Difference => ({
  aspects: ['status', ...error, 'content-type', 'content-length', 'etag', 'last-modified', 'x-ms-version'],
  because,
})

export const dialectSteps: readonly DialectStep[] = [
  // Listing nothing.
  { title: 'list an empty container', ...list() },
  { title: 'list with a prefix that nothing has', ...list('prefix=none/') },

  // Put Blob.
  { title: 'put a blob', ...put('a.txt', 'hello'), remember: 'first' },
  { title: 'get it', ...get('a.txt') },
  { title: 'head it', ...head('a.txt') },
  { title: 'put an empty blob', ...put('empty', '') },
  { title: 'get the empty blob', ...get('empty') },
  { title: 'put with a content type', ...put('typed.json', '{}', { 'content-type': 'application/json' }) },
  { title: 'get it with its content type', ...get('typed.json') },
  {
    title: 'put with properties for later readers',
    ...put('properties', 'hello', {
      'content-type': 'text/plain',
      'x-ms-blob-content-type': 'text/csv',
      'x-ms-blob-content-encoding': 'gzip',
    }),
  },
  { title: 'get them', ...get('properties') },
  {
    title: 'put with language, disposition and cache control',
    ...put('more', 'hello', {
      'x-ms-blob-content-language': 'de',
      'x-ms-blob-content-disposition': 'attachment',
      'x-ms-blob-cache-control': 'max-age=60',
    }),
  },
  {
    title: 'head language, disposition and cache control',
    ...head('more'),
    differs: {
      aspects: ['content-language', 'content-disposition'],
      because: 'not kept: no client of the service sets or reads them',
    },
  },
  { title: 'put with metadata', ...put('meta', 'hello', { 'x-ms-meta-survey': 'March' }) },
  {
    title: 'head metadata',
    ...head('meta'),
    differs: {
      aspects: ['x-ms-meta-survey'],
      because: 'metadata are not kept: a reality data has properties of its own',
    },
  },
  { title: 'put with its MD5', ownMd5: true, ...put('md5', 'hello', { 'content-md5': md5 }) },
  {
    title: 'get the MD5',
    ownMd5: true,
    ...get('md5'),
    differs: {
      aspects: ['x-ms-blob-content-md5'],
      because: 'Azurite tells it twice; it belongs to answers with a range',
    },
  },
  { title: 'put with a wrong MD5', ownMd5: true, ...put('md5', 'hello', { 'content-md5': wrongMd5 }) },
  { title: 'put with an MD5 that is none', ...put('md5', 'hello', { 'content-md5': 'x' }) },
  {
    title: 'put with an MD5 to keep',
    ownMd5: true,
    ...put('md5%20kept', 'hello', { 'x-ms-blob-content-md5': md5 }),
  },
  { title: 'put without a blob type', method: 'PUT', blob: 'untyped', body: 'x', differs: silent },
  {
    title: 'put a blob of an unknown type',
    ...put('untyped', 'x', { 'x-ms-blob-type': 'Folder' }),
    differs: silent,
  },
  { title: 'put with a client request id', ...put('id', 'x', { 'x-ms-client-request-id': 'survey-1' }) },
  { title: 'put with an old version', ...put('old', 'x', { 'x-ms-version': '2019-12-12' }) },
  {
    title: 'put a name with spaces, umlauts and folders',
    ...put('Flug%201/gr%C3%B6%C3%9Fe%20Wolke.laz', 'x'),
  },
  { title: 'get it back', ...get('Flug%201/gr%C3%B6%C3%9Fe%20Wolke.laz') },
  { title: 'overwrite', ...put('a.txt', 'hello again, longer'), remember: 'second' },
  { title: 'get what was overwritten', ...get('a.txt') },

  // Ranges.
  { title: 'range at the start', ...get('a.txt', { range: 'bytes=0-4' }) },
  { title: 'x-ms-range', ...get('a.txt', { 'x-ms-range': 'bytes=6-10' }) },
  {
    title: 'x-ms-range goes before range',
    ...get('a.txt', { range: 'bytes=0-0', 'x-ms-range': 'bytes=1-2' }),
  },
  { title: 'range to the end', ...get('a.txt', { range: 'bytes=13-' }) },
  { title: 'range beyond the end', ...get('a.txt', { range: 'bytes=13-1000' }) },
  { title: 'range behind the end', ...get('a.txt', { range: 'bytes=1000-1001' }) },
  {
    title: 'range of an empty blob',
    ...get('empty', { range: 'bytes=0-' }),
    differs: {
      aspects: [
        'status',
        ...error,
        ...blobHeaders,
        ...lease,
        'content-range',
        'content-type',
        'content-length',
        'x-ms-version',
      ],
      because: 'Azurite sends bytes 0--1/0; nothing can be satisfied, which is 416',
    },
  },
  {
    title: 'range that is none',
    ...get('a.txt', { range: 'bytes=x-y' }),
    differs: {
      aspects: [
        'status',
        'body',
        ...blobHeaders,
        ...lease,
        'content-type',
        'content-length',
        'x-ms-version',
        'x-ms-request-id',
      ],
      because: 'Azurite answers 500; a range that is none is ignored',
    },
  },
  {
    title: 'range in another unit',
    ...get('a.txt', { range: 'lines=0-1' }),
    differs: {
      aspects: ['status', 'body', 'content-length', 'content-range'],
      because: 'Azurite takes lines for bytes; a unit that is not known is ignored',
    },
  },
  { title: 'range that ends before it starts', ...get('a.txt', { range: 'bytes=4-2' }) },
  {
    title: 'range of the last bytes',
    ...get('a.txt', { range: 'bytes=-3' }),
    differs: {
      aspects: [
        'status',
        'body',
        ...blobHeaders,
        ...lease,
        'content-range',
        'content-type',
        'content-length',
        'x-ms-version',
        'x-ms-request-id',
      ],
      because: 'Azurite answers 500; ours delivers it, as RFC 9110 has it',
    },
  },
  { title: 'head with a range', ...head('a.txt', { range: 'bytes=0-4' }) },
  { title: 'range of a blob with an MD5', ownMd5: true, ...get('md5', { range: 'bytes=0-1' }) },

  // Conditions.
  { title: 'get if it is this version', ...get('a.txt', { 'if-match': '{etag:second}' }) },
  { title: 'get if it is an old version', ...get('a.txt', { 'if-match': '{etag:first}' }) },
  { title: 'get if it is another version', ...get('a.txt', { 'if-none-match': '{etag:second}' }) },
  { title: 'get if it is not the old version', ...get('a.txt', { 'if-none-match': '{etag:first}' }) },
  { title: 'get if modified since it was', ...get('a.txt', { 'if-modified-since': '{time:second}' }) },
  { title: 'get if unmodified since it was', ...get('a.txt', { 'if-unmodified-since': '{time:second}' }) },
  {
    title: 'get if unmodified since long ago',
    ...get('a.txt', { 'if-unmodified-since': 'Thu, 01 Jan 2015 00:00:00 GMT' }),
  },
  { title: 'head if it is an old version', ...head('a.txt', { 'if-match': '{etag:first}' }) },
  { title: 'head if it is another version', ...head('a.txt', { 'if-none-match': '{etag:second}' }) },
  { title: 'put only if new, which it is not', ...put('a.txt', 'x', { 'if-none-match': '*' }) },
  { title: 'put only if new, which it is', ...put('new.txt', 'x', { 'if-none-match': '*' }) },
  { title: 'put if it is an old version', ...put('a.txt', 'x', { 'if-match': '{etag:first}' }) },
  {
    title: 'put if it is this version',
    ...put('a.txt', 'third version', { 'if-match': '{etag:second}' }),
    remember: 'third',
  },
  { title: 'put if it exists, which it does not', ...put('nothing', 'x', { 'if-match': '*' }) },
  { title: 'put if it is not this version', ...put('a.txt', 'x', { 'if-none-match': '{etag:third}' }) },
  {
    title: 'put if unmodified since long ago',
    ...put('a.txt', 'x', { 'if-unmodified-since': 'Thu, 01 Jan 2015 00:00:00 GMT' }),
  },
  {
    title: 'put if modified since the future',
    ...put('a.txt', 'x', { 'if-modified-since': 'Thu, 01 Jan 2099 00:00:00 GMT' }),
  },
  { title: 'delete if it is an old version', ...remove('a.txt', { 'if-match': '{etag:first}' }) },
  { title: 'the blob is as it was before', ...get('a.txt') },

  // Blocks.
  { title: 'put a block', ...block('blocks', blockId(1), 'one ') },
  { title: 'put another block', ...block('blocks', blockId(2), 'two ') },
  { title: 'put a block with its MD5', ...block('blocks', blockId(3), 'hello', { 'content-md5': md5 }) },
  {
    title: 'put a block with a wrong MD5',
    ...block('blocks', blockId(4), 'hello', { 'content-md5': wrongMd5 }),
  },
  {
    title: 'put a block without an id',
    method: 'PUT',
    blob: 'blocks',
    query: 'comp=block',
    body: 'x',
    differs: silent,
  },
  {
    title: 'put a block whose id is not base64',
    ...block('blocks', '%%%', 'x'),
    differs: { aspects: error, because: 'the same status; ours says InvalidBlockId, which names the fault' },
  },
  {
    title: 'put a block whose id is longer than 64 bytes',
    ...block('blocks', Buffer.alloc(65).toString('base64'), 'x'),
    differs: { aspects: error, because: 'the same status; ours says InvalidBlockId, which names the fault' },
  },
  {
    title: 'put a block whose id has another length',
    ...block('blocks', 'YQ==', 'x'),
    differs: {
      aspects: ['status', ...refusal, 'x-ms-version'],
      because: 'ours needs no equal lengths; who keeps to the rule sees no difference',
    },
  },
  { title: 'put an empty block', ...block('blocks', blockId(5), '') },
  { title: 'get a blob of which there are blocks only', ...get('blocks') },
  { title: 'the blocks are in no listing', ...list('prefix=blocks') },
  { title: 'commit a block that is missing', ...commit('blocks', latest(1, 9)) },
  {
    title: 'commit something that is no XML',
    method: 'PUT',
    blob: 'blocks',
    query: 'comp=blocklist',
    body: 'no XML',
    differs: silent,
  },

  {
    title: 'commit blocks in another order, with a type',
    ...commit('blocks', latest(2, 1, 3), { 'x-ms-blob-content-type': 'application/vnd.las' }),
    remember: 'committed',
  },
  { title: 'get what was committed', ...get('blocks') },
  { title: 'a range over blocks', ...get('blocks', { range: 'bytes=2-9' }) },
  { title: 'put a block of a blob that is there', ...block('blocks', blockId(1), 'ONE ') },
  {
    title: 'commit it among committed ones',
    ...commit('blocks', `<Committed>${blockId(1)}</Committed><Uncommitted>${blockId(1)}</Uncommitted>`),
  },
  { title: 'get the mixture', ...get('blocks') },
  { title: 'commit a block that was dropped', ...commit('blocks', latest(2)) },
  {
    title: 'commit if it is an old version',
    ...commit('blocks', latest(1), { 'if-match': '{etag:committed}' }),
  },
  { title: 'commit only if new, which it is not', ...commit('blocks', latest(1), { 'if-none-match': '*' }) },
  { title: 'commit an empty list', ...commit('no%20blocks', '') },
  { title: 'get a blob without blocks', ...get('no%20blocks') },
  {
    title: 'commit with an MD5 to keep',
    ...commit('no%20blocks', '', { 'x-ms-blob-content-md5': md5 }),
  },
  { title: 'head the MD5 that was kept', ownMd5: true, ...head('no%20blocks') },

  // Lists.
  { title: 'delete the one whose properties are not kept', ...remove('more') },
  { title: 'list all', ...list() },
  { title: 'list with a prefix', ...list('prefix=Flug%201%2F') },
  { title: 'list a page', ...list('maxresults=2'), rememberMarker: true },
  { title: 'list the next page', ...list('maxresults=2&marker={marker}') },
  { title: 'list a page larger than all', ...list('maxresults=5000') },
  { title: 'list more than a page may have', ...list('maxresults=5001') },
  { title: 'list a page of nothing', ...list('maxresults=0'), differs: silent },
  { title: 'list a page of x', ...list('maxresults=x'), differs: silent },
  {
    title: 'list with a delimiter',
    ...list('delimiter=%2F'),
    differs: {
      aspects: ['status', ...error, 'x-ms-version'],
      because: 'listings are flat, as clients of the service ask for them; refused rather than ignored',
    },
  },
  { title: 'list without saying what', query: 'comp=list', differs: silent },
  {
    title: 'list with metadata',
    ...list('include=metadata'),
    differs: { aspects: ['body'], because: 'metadata are not kept' },
  },
  {
    title: 'properties of the container',
    query: 'restype=container',
    differs: {
      aspects: ['status', ...refusal, 'etag', 'last-modified', ...lease, 'x-ms-version'],
      because:
        'Azure wants a key of the account for it; ours tells who may read or list that the container is there',
    },
  },
  {
    title: 'head of the container',
    method: 'HEAD',
    query: 'restype=container',
    differs: {
      aspects: ['status', 'x-ms-error-code', 'etag', 'last-modified', ...lease, 'x-ms-version'],
      because: 'as above',
    },
  },

  // Delete.
  { title: 'delete', ...remove('new.txt') },
  { title: 'delete it again', ...remove('new.txt') },
  { title: 'get what was deleted', ...get('new.txt') },
  { title: 'head what was deleted', ...head('new.txt') },

  // Signatures.
  { title: 'no signature', ...signed('none', get('a.txt')), differs: otherWord },
  { title: 'no signature on the container', ...signed('none', list()), differs: otherWord },
  { title: 'expired', ...signed({ endsIn: -1 }, get('a.txt')), differs: otherWord },
  { title: 'not yet valid', ...signed({ startsIn: 30 }, get('a.txt')), differs: otherWord },
  { title: 'signed for another container', ...signed({ foreign: true }, get('a.txt')), differs: otherWord },
  {
    title: 'a changed signature',
    ...signed({ forge: (query) => query.replace(/sig=.{6}/, 'sig=AAAAAA') }, get('a.txt')),
    differs: otherWord,
  },
  {
    title: 'changed permissions',
    ...signed({ permissions: 'r', forge: (query) => query.replace('sp=r', 'sp=racwdl') }, put('a.txt', 'x')),
    differs: otherWord,
  },
  {
    title: 'an end that was moved',
    ...signed({ forge: (query) => query.replace(/se=\d{4}/, 'se=2999') }, get('a.txt')),
    differs: otherWord,
  },
  {
    title: 'without its signature',
    ...signed({ forge: (query) => query.replace(/&sig=[^&]*/, '') }, get('a.txt')),
    differs: otherWord,
  },
  {
    title: 'without its end',
    ...signed({ forge: (query) => query.replace(/&?se=[^&]*/, '') }, get('a.txt')),
    differs: otherWord,
  },
  { title: 'for https only', ...signed({ httpsOnly: true }, get('a.txt')) },
  { title: 'put with a URL to read', ...signed({ permissions: 'rl' }, put('a.txt', 'x')) },
  {
    title: 'put a block with a URL to read',
    ...signed({ permissions: 'rl' }, block('a.txt', blockId(1), 'x')),
  },
  { title: 'commit with a URL to read', ...signed({ permissions: 'rl' }, commit('a.txt', '')) },
  { title: 'delete with a URL to read', ...signed({ permissions: 'rl' }, remove('a.txt')) },
  { title: 'list with a URL that may not list', ...signed({ permissions: 'r' }, list()) },
  { title: 'get with a URL that may not read', ...signed({ permissions: 'l' }, get('a.txt')) },
  { title: 'create with a URL to create', ...signed({ permissions: 'c' }, put('created', 'x')) },
  {
    title: 'overwrite with a URL to create',
    ...signed({ permissions: 'c' }, put('created', 'y')),
    differs: { aspects: ['status', ...error], because: 'ours says 409 BlobAlreadyExists: why it may not' },
  },
  { title: 'delete with a URL to write', ...signed({ permissions: 'w' }, remove('created')) },

  // What is not there, and what nobody offers.
  { title: 'get from a container that is not there', ...get('a.txt'), noContainer: true },
  { title: 'put into a container that is not there', ...put('a.txt', 'x'), noContainer: true },
  {
    title: 'put a block into a container that is not there',
    ...block('a', blockId(1), 'x'),
    noContainer: true,
  },
  { title: 'list a container that is not there', ...list(), noContainer: true },
  { title: 'delete in a container that is not there', ...remove('a.txt'), noContainer: true },
  {
    title: 'an unknown operation',
    method: 'PUT',
    blob: 'a.txt',
    query: 'comp=unknown',
    body: '',
    differs: silent,
  },
  {
    title: 'set metadata',
    method: 'PUT',
    blob: 'a.txt',
    query: 'comp=metadata',
    body: '',
    differs: answered('metadata are not kept: refused rather than ignored'),
  },
  {
    title: 'ask for the block list',
    blob: 'blocks',
    query: 'comp=blocklist&blocklisttype=all',
    differs: {
      aspects: ['status', ...error, 'etag', 'last-modified', 'x-ms-blob-content-length', 'x-ms-version'],
      because: 'no client of the service asks: refused',
    },
  },
  {
    title: 'a page blob',
    ...put('page', '', { 'x-ms-blob-type': 'PageBlob', 'x-ms-blob-content-length': '512' }),
    differs: answered('there are block blobs only: refused'),
  },
  {
    title: 'a lease',
    method: 'PUT',
    blob: 'a.txt',
    query: 'comp=lease',
    headers: { 'x-ms-lease-action': 'acquire', 'x-ms-lease-duration': '15' },
    body: '',
    differs: {
      aspects: [...answered('').aspects, 'x-ms-lease-id'],
      because: 'leases are not given: refused',
    },
  },
  {
    title: 'commit another document',
    method: 'PUT',
    blob: 'other',
    query: 'comp=blocklist',
    body: '<Other/>',
    differs: answered('Azurite makes an empty blob of it, and would lose what was uploaded'),
  },
]
