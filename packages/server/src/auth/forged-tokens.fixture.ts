// Tokens that must not be believed, each with the fault that its refusal names: what is known of attacks on JSON Web
// Tokens (RFC 8725), and what falls short of the claims that are asked for though its signature is good.
import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { JWK } from 'jose'

/** An issuer whose tokens are believed, with its private key: half of the forgeries are signed as they should be. */
export interface GenuineIssuer {
  issuer: string
  audience: string
  alg: 'RS256' | 'ES256' | 'EdDSA'
  kid: string
  privateKey: KeyObject
  /** Another issuer that is believed too. */
  other: { issuer: string; kid: string; alg: string; privateKey: KeyObject }
  nowSeconds: number
}

export interface Forgery {
  name: string
  /** The value of the Authorization header. */
  authorization: string
  fault: string
}

const faults = {
  scheme: 'the Authorization header does not hold one Bearer token',
  malformed: 'the access token is malformed',
  algorithm: 'the access token is not signed with an accepted algorithm',
  type: 'the token is no access token',
  issuer: 'the access token comes from an issuer that is not accepted here',
  key: 'the access token is signed with an unknown key',
  signature: 'the signature of the access token does not fit',
  audience: 'the access token is meant for another audience',
  expired: 'the access token has expired',
  early: 'the access token is not valid yet',
  endless: 'the access token does not say when it expires',
  nobody: 'the access token names neither a user nor a client',
} as const
type Fault = keyof typeof faults

type Parts = Record<string, unknown>

export function forgedTokens(genuine: GenuineIssuer): Forgery[] {
  const { issuer, audience, alg, kid, nowSeconds } = genuine
  const header = { alg, kid, typ: 'at+jwt' }
  const claims = {
    ...{
      iss: issuer,
      aud: audience,
      sub: 'ada',
      client_id: 'survey-app',
      org: 'acme',
      scope: 'itwin-platform',
    },
    ...{ iat: nowSeconds, exp: nowSeconds + 3600 },
  }
  const signed = (head: Parts | string, body: Parts | string, key = genuine.privateKey, by: string = alg) => {
    const input = `${part(head)}.${part(body)}`
    return `${input}.${signature(input, key, by)}`
  }
  const withHeader = (change: Parts) => signed({ ...header, ...change }, claims)
  const withClaims = (change: Parts) => signed(header, { ...claims, ...change })
  const good = signed(header, claims)
  const [goodHeader = '', goodClaims = '', goodSignature = ''] = good.split('.')
  const unsigned = (head: Parts, end = '') => `${part(head)}.${goodClaims}.${end}`
  const own = strangerKey(alg)
  const ownJwk = createPublicKey(own).export({ format: 'jwk' })
  const byStranger = (head: Parts = {}) => signed({ ...header, ...head }, claims, own)

  const cases: Record<Fault, Record<string, string>> = {
    scheme: {
      'the Basic scheme': 'Basic YWRhOmFkYQ==',
      'no scheme': good,
      'the scheme alone': 'Bearer',
      'two tokens': `Bearer ${good} ${good}`,
      'two schemes': `Bearer Bearer ${good}`,
      'the scheme and the token joined': `Bearer${good}`,
      'the scheme DPoP': `DPoP ${good}`,
    },
    malformed: {
      'one part': 'abc',
      'two parts': `${goodHeader}.${goodClaims}`,
      'four parts': `${good}.x`,
      'five parts, as if encrypted': `${part({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.a.b.c.d`,
      'three empty parts': '..',
      'no header': `.${goodClaims}.${goodSignature}`,
      'no claims': `${goodHeader}..${goodSignature}`,
      'a header that is no JSON': signed('no', claims),
      'a header that is an array': signed('[]', claims),
      'a header that is null': signed('null', claims),
      'claims that are no JSON': signed(header, 'no'),
      'claims that are an array': signed(header, '[1]'),
      'claims that are null': signed(header, 'null'),
      'claims that are cut off': signed(header, '{"iss":'),
      'claims that are no UTF-8': `${goodHeader}.${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.${goodSignature}`,
      'padding behind the signature': `${good}=`,
      'padding within': `${goodHeader}=.${goodClaims}=.${goodSignature}`,
      'a comma and another': `${good},${good}`,
      'letters of another alphabet': `${good}Ã¤`,
      'a percent-escape': good.replace('.', '%2E'),
      'quotes around it': `"${good}"`,
      '14,000 letters': 'a'.repeat(14_000),
      '14,000 dots': '.'.repeat(14_000),
      'an extension that is critical and unknown': withHeader({ crit: ['x'], x: 1 }),
      'an empty list of critical extensions': withHeader({ crit: [] }),
      'claims that are not encoded': withHeader({ crit: ['b64'], b64: false }),
    },
    algorithm: {
      'alg none': unsigned({ ...header, alg: 'none' }),
      'alg None': unsigned({ ...header, alg: 'None' }),
      'alg NONE': unsigned({ ...header, alg: 'NONE' }),
      'alg nOnE': unsigned({ ...header, alg: 'nOnE' }),
      'alg none and a blank': unsigned({ ...header, alg: 'none ' }),
      'alg none under the good signature': unsigned({ ...header, alg: 'none' }, goodSignature),
      'an empty alg': unsigned({ ...header, alg: '' }, goodSignature),
      'no alg': unsigned({ kid, typ: 'JWT' }, goodSignature),
      'alg null': unsigned({ ...header, alg: null }, goodSignature),
      'a number as alg': unsigned({ ...header, alg: 256 }, goodSignature),
      'an array as alg': unsigned({ ...header, alg: [alg] }, goodSignature),
      'the alg in small letters': unsigned({ ...header, alg: alg.toLowerCase() }, goodSignature),
      'an alg of the prototype': unsigned({ ...header, alg: 'constructor' }, goodSignature),
      'a curve that is not accepted': unsigned({ ...header, alg: 'ES256K' }, goodSignature),
      'an alg for encryption': unsigned({ ...header, alg: 'RSA-OAEP' }, goodSignature),
      'two algs, the last one none': `${part(`{"alg":"${alg}","kid":"${kid}","alg":"none"}`)}.${goodClaims}.`,
      ...withSharedSecrets(genuine, header, goodClaims),
    },
    type: {
      'the type of a logout token': withHeader({ typ: 'logout+jwt' }),
      'the type of a proof of possession': withHeader({ typ: 'dpop+jwt' }),
      'the type of an ID token of its own': withHeader({ typ: 'id+jwt' }),
      'an array as type': withHeader({ typ: ['JWT', 'x'] }),
      'an empty type': withHeader({ typ: '' }),
    },
    issuer: {
      'another issuer': withClaims({ iss: 'https://evil.example.org' }),
      'the issuer with a slash more': withClaims({ iss: `${issuer}/` }),
      'the issuer with a blank more': withClaims({ iss: `${issuer} ` }),
      'the issuer in capitals': withClaims({ iss: issuer.toUpperCase() }),
      'the beginning of the issuer': withClaims({ iss: issuer.slice(0, -1) }),
      'an array with the issuer': withClaims({ iss: [issuer] }),
      'an object as issuer': withClaims({ iss: { toString: issuer } }),
      'no issuer': withClaims({ iss: undefined }),
      'an empty issuer': withClaims({ iss: '' }),
      'null as issuer': withClaims({ iss: null }),
      'an issuer of the prototype': withClaims({ iss: '__proto__' }),
      'two issuers, the last one another': signed(
        header,
        JSON.stringify(claims).replace(/}$/, ',"iss":"https://evil.example.org"}'),
      ),
    },
    key: {
      'a key id that nobody has': byStranger({ kid: 'nobody' }),
      'a key id that climbs': byStranger({ kid: '../../../../../../dev/null' }),
      'a key id that is a path': byStranger({ kid: '/dev/null' }),
      'a key id that is SQL': byStranger({ kid: "' union select 'AA'; drop table job; --" }),
      'a key id that is a command': byStranger({ kid: '$(touch /tmp/forged); `id` | sh' }),
      'a key id that is a URL': byStranger({ kid: 'http://127.0.0.1:1/key' }),
      'a key id of the prototype': byStranger({ kid: '__proto__' }),
      'a key id of 5,000 letters': byStranger({ kid: 'k'.repeat(5000) }),
      'a number as key id': byStranger({ kid: 0 }),
      'an empty key id': byStranger({ kid: '' }),
      'the key of the other issuer': signed(
        { ...header, kid: genuine.other.kid, alg: genuine.other.alg },
        claims,
        genuine.other.privateKey,
        genuine.other.alg,
      ),
    },
    signature: {
      'another key under the same id': byStranger(),
      'its own key in the header': byStranger({ jwk: ownJwk }),
      'its own key under the same id in the header': byStranger({ jwk: { ...ownJwk, kid, alg } }),
      'an address of its own keys': byStranger({ jku: 'http://127.0.0.1:1/keys' }),
      'an address of its own certificate': byStranger({ x5u: 'http://127.0.0.1:1/certificate' }),
      'its own certificate': byStranger({ x5c: [part('certificate')], x5t: 'x' }),
      'all of these': byStranger({
        jwk: ownJwk,
        jku: 'file:///dev/null',
        x5u: 'file:///dev/null',
        x5c: [''],
      }),
      'no signature': `${goodHeader}.${goodClaims}.`,
      'one byte as signature': `${goodHeader}.${goodClaims}.AA`,
      'half the signature': `${goodHeader}.${goodClaims}.${goodSignature.slice(0, goodSignature.length >> 1)}`,
      'the signature twice': `${good}${goodSignature}`,
      'zeros as signature': `${goodHeader}.${goodClaims}.${Buffer.alloc(sizeOf(goodSignature)).toString('base64url')}`,
      'ones as signature': `${goodHeader}.${goodClaims}.${Buffer.alloc(sizeOf(goodSignature), 255).toString('base64url')}`,
      'a signature with one bit changed': `${goodHeader}.${goodClaims}.${oneBitOff(goodSignature)}`,
      'the signature of another token': `${good.slice(0, good.lastIndexOf('.'))}.${withClaims({ sub: 'eve' }).split('.')[2]}`,
      'another tenant under the old signature': `${goodHeader}.${part({ ...claims, org: 'other' })}.${goodSignature}`,
      'a later end under the old signature': `${goodHeader}.${part({ ...claims, exp: nowSeconds + 9e6 })}.${goodSignature}`,
      'a role under the old signature': `${goodHeader}.${part({ ...claims, roles: ['admin'] })}.${goodSignature}`,
      'another header under the old signature': `${part({ ...header, typ: 'JWT' })}.${goodClaims}.${goodSignature}`,
      ...(alg === 'ES256' && {
        'r and s that are the order of the curve': `${goodHeader}.${goodClaims}.${curveOrderTwice}`,
        'a signature in DER': `${goodHeader}.${goodClaims}.${sign('sha256', Buffer.from(`${goodHeader}.${goodClaims}`), genuine.privateKey).toString('base64url')}`,
      }),
    },
    audience: {
      'another audience': withClaims({ aud: 'another-service' }),
      'other audiences': withClaims({ aud: ['another-service', 'a-third'] }),
      'no audience': withClaims({ aud: undefined }),
      'an empty list of audiences': withClaims({ aud: [] }),
      'null as audience': withClaims({ aud: null }),
      'a list in the list of audiences': withClaims({ aud: [[audience]] }),
      'an object as audience': withClaims({ aud: { 0: audience } }),
      'the audience in capitals': withClaims({ aud: audience.toUpperCase() }),
      'the beginning of the audience': withClaims({ aud: audience.slice(0, -1) }),
      'more than the audience': withClaims({ aud: `${audience} another` }),
      'two audiences, the last one another': signed(
        header,
        JSON.stringify(claims).replace(/}$/, ',"aud":"another-service"}'),
      ),
    },
    expired: {
      'an end 61 seconds ago': withClaims({ exp: nowSeconds - 61 }),
      'an end in 1970': withClaims({ exp: 0 }),
      'an end before 1970': withClaims({ exp: -1 }),
      'an end before all time': withClaims({ exp: -1e300 }),
      'two ends, the last one past': signed(header, JSON.stringify(claims).replace(/}$/, ',"exp":1}')),
    },
    early: {
      'a beginning in 61 seconds': withClaims({ nbf: nowSeconds + 61 }),
      'a beginning in 1,000 years': withClaims({ nbf: nowSeconds + 1000 * 365.25 * 86_400 }),
      'a beginning that is a text': withClaims({ nbf: String(nowSeconds) }),
    },
    endless: {
      'no end': withClaims({ exp: undefined }),
      'null as end': withClaims({ exp: null }),
      'an end that is a text': withClaims({ exp: String(nowSeconds + 3600) }),
      'an end that is an array': withClaims({ exp: [nowSeconds + 3600] }),
      'an end that is true': withClaims({ exp: true }),
      'an end in milliseconds': withClaims({ exp: (nowSeconds + 3600) * 1000 }),
      'an end after all time': withClaims({ exp: 1e300 }),
      'an end that is infinite': signed(header, JSON.stringify(claims).replace(/"exp":\d+/, '"exp":1e999')),
    },
    nobody: {
      'neither user nor client': withClaims({ sub: undefined, client_id: undefined }),
      'an empty user and client': withClaims({ sub: '', client_id: '' }),
      'arrays as user and client': withClaims({ sub: ['ada'], client_id: ['survey-app'] }),
      'objects as user and client': withClaims({ sub: { a: 1 }, client_id: { a: 1 } }),
    },
  }
  return Object.entries(cases).flatMap(([fault, tokens]) =>
    Object.entries(tokens).map(([name, token]) => ({
      name,
      authorization: fault === 'scheme' ? token : `Bearer ${token}`,
      fault: `Access denied: ${faults[fault as Fault]}.`,
    })),
  )
}

/** What everybody can read of the public key, taken for the secret of an HMAC. */
function withSharedSecrets(
  genuine: GenuineIssuer,
  header: Parts,
  goodClaims: string,
): Record<string, string> {
  const publicKey = createPublicKey(genuine.privateKey)
  const jwk = publicKey.export({ format: 'jwk' }) as JWK
  const pem = String(publicKey.export({ format: 'pem', type: 'spki' }))
  const secrets: Record<string, string | Buffer> = {
    PEM: pem,
    'PEM without the last line break': pem.trimEnd(),
    DER: publicKey.export({ format: 'der', type: 'spki' }),
    'a JWK': JSON.stringify(jwk),
    'a set of JWKs': JSON.stringify({ keys: [{ ...jwk, kid: genuine.kid, alg: genuine.alg, use: 'sig' }] }),
    'its raw numbers': Buffer.from(String(jwk.n ?? jwk.x), 'base64url'),
    'its raw numbers as text': String(jwk.n ?? jwk.x),
    nothing: '',
  }
  const forged: Record<string, string> = {}
  for (const bits of [256, 384, 512]) {
    for (const [what, secret] of Object.entries(secrets)) {
      const input = `${part({ ...header, alg: `HS${bits}` })}.${goodClaims}`
      const mac = createHmac(`sha${bits}`, secret).update(input).digest('base64url')
      forged[`HS${bits} keyed with the public key as ${what}`] = `${input}.${mac}`
    }
  }
  return forged
}

/** Of P-256, which makes r and s zero to whoever does not check their range. */
const curveOrderTwice = Buffer.from(
  'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'.repeat(2),
  'hex',
).toString('base64url')

function part(content: Parts | string): string {
  return Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)).toString('base64url')
}

function signature(input: string, key: KeyObject, alg: string): string {
  const bytes = Buffer.from(input)
  return alg === 'EdDSA'
    ? sign(null, bytes, key).toString('base64url')
    : sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')
}

function strangerKey(alg: GenuineIssuer['alg']): KeyObject {
  if (alg === 'RS256') return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  if (alg === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  return generateKeyPairSync('ed25519').privateKey
}

function sizeOf(base64url: string): number {
  return Buffer.from(base64url, 'base64url').length
}

function oneBitOff(base64url: string): string {
  const bytes = Buffer.from(base64url, 'base64url')
  bytes[bytes.length >> 1]! ^= 1
  return bytes.toString('base64url')
}
