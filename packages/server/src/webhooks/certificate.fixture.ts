// A certificate that a test trusts by naming it: self-signed, for the names given, good for a day from now.
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

export interface Certificate {
  key: string
  cert: string
}

export function selfSigned(names: readonly string[]): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const signed = toBeSigned(publicKey, names)
  const signature = sign('sha256', signed, privateKey)
  const der = sequence(signed, ecdsaWithSha256, bitString(signature))
  const base64 = der.toString('base64').replace(/.{64}/g, '$&\n')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
  }
}

/** RFC 5280, section 4.1: the part of a certificate that is signed. */
function toBeSigned(publicKey: KeyObject, names: readonly string[]): Buffer {
  const name = sequence(tagged(0x31, sequence(commonName, tagged(0x0c, Buffer.from('alidade test')))))
  const now = Date.now()
  const validity = sequence(utcTime(now - 3600_000), utcTime(now + 24 * 3600_000))
  const dnsNames = sequence(...names.map((each) => tagged(0x82, Buffer.from(each))))
  const authority = sequence(tagged(0x01, Buffer.of(0xff)))
  const extensions = sequence(
    sequence(subjectAltName, tagged(0x04, dnsNames)),
    sequence(basicConstraints, tagged(0x01, Buffer.of(0xff)), tagged(0x04, authority)),
  )
  const serial = Buffer.concat([Buffer.of(1), randomBytes(8)])
  return sequence(
    tagged(0xa0, tagged(0x02, Buffer.of(2))),
    tagged(0x02, serial),
    ecdsaWithSha256,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, extensions),
  )
}

const objectId = (hex: string) => tagged(0x06, Buffer.from(hex, 'hex'))
const commonName = objectId('550403')
const subjectAltName = objectId('551d11')
const basicConstraints = objectId('551d13')
const ecdsaWithSha256 = sequence(objectId('2a8648ce3d040302'))

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content
  const head = length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from(head), content])
}
function sequence(...parts: Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts))
}
function bitString(bits: Buffer): Buffer {
  return tagged(0x03, Buffer.concat([Buffer.of(0), bits]))
}
function utcTime(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\D/g, '').slice(2, 14)
  return tagged(0x17, Buffer.from(`${digits}Z`))
}
