// One attempt: a POST to an address that was checked, and the status of the answer. Nothing else of the answer is kept,
// and no redirect is followed.
import http from 'node:http'
import https from 'node:https'
import { isIPv6, type LookupFunction } from 'node:net'
import type { DeliveryFault } from '@alidade/contract'
import { type CallbackTarget, callbackTarget, type TargetRules } from './callback-target.ts'
import type { EventRequest } from './event-request.ts'

export type SendResult = { status: number; fault?: 'StatusRefused' } | { fault: DeliveryFault }

export interface SendOptions {
  rules: TargetRules
  /** Certificates that are trusted beside the usual ones. */
  ca?: string | undefined
  timeoutMs?: number
}

/** What receivers are told they have. */
const defaultTimeoutMs = 5000
/** More of an answer is not read. */
const maxAnswerBytes = 16 * 1024

/** Throws only when `signal` is aborted. */
export async function sendEvent(
  callbackUrl: string,
  request: EventRequest,
  { rules, ca, timeoutMs = defaultTimeoutMs }: SendOptions,
  signal: AbortSignal,
): Promise<SendResult> {
  const timeout = AbortSignal.timeout(timeoutMs)
  const either = AbortSignal.any([signal, timeout])
  try {
    const target = await unlessAborted(callbackTarget(callbackUrl, rules), either)
    if ('fault' in target) return { fault: target.fault }
    const status = await post(target, request, ca, either)
    return status >= 200 && status < 300 ? { status } : { status, fault: 'StatusRefused' }
  } catch (error) {
    signal.throwIfAborted()
    return { fault: timeout.aborted ? 'TimedOut' : faultOf(error) }
  }
}

function post(
  { url, addresses }: CallbackTarget,
  { body, headers }: EventRequest,
  ca: string | undefined,
  signal: AbortSignal,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = {
      method: 'POST',
      headers,
      signal,
      // A connection of its own, which ends with it.
      agent: false,
      lookup: pinned(addresses),
      ...(ca !== undefined && { ca }),
    }
    const sent = (url.protocol === 'https:' ? https : http).request(url, options, (answer) => {
      let bytes = 0
      const done = () => {
        resolve(answer.statusCode!)
        sent.destroy()
      }
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.byteLength
        if (bytes > maxAnswerBytes) done()
      })
      answer.on('end', done)
      answer.on('error', reject)
    })
    sent.on('error', reject)
    // Nobody is asked to speak another protocol.
    sent.on('upgrade', (answer) => {
      reject(new Error(`the receiver answered ${answer.statusCode}`))
      sent.destroy()
    })
    sent.end(body)
  })
}

/** In place of a look-up: what was looked up and checked. The name stays what certificates are checked for. */
function pinned(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }))
  return (_host, { all: wantsAll }, callback) => {
    if (wantsAll) callback(null, all)
    else callback(null, all[0]!.address, all[0]!.family)
  }
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    work.then(resolve, reject)
  })
}

/** What OpenSSL and Node say of a certificate. */
const certificateCodes =
  /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH)/

function faultOf(error: unknown): DeliveryFault {
  const { code = '' } = error as NodeJS.ErrnoException
  return certificateCodes.test(code) ? 'CertificateRefused' : 'ConnectionFailed'
}
