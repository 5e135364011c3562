// What a client may call a detector and its versions, and say about them; beyond what the schemas of the contract hold.
import {
  type DetectorType,
  detectorNamePattern,
  detectorTypes,
  detectorVersionPattern,
  type ErrorDetail,
  guidPattern,
} from '@alidade/contract'
import type { DetectorTexts } from '../../store/detector-store.ts'
import { isStorableText, storableText } from '../storable-text.ts'

const namePattern = new RegExp(detectorNamePattern)
const versionPattern = new RegExp(detectorVersionPattern)
const guid = new RegExp(guidPattern)
const plainText = /^[\p{L}\p{M}\p{N} ._,()'+&-]*$/u

/** `at`: where the properties are in the body, e.g. `detector.`; every fault names its place. */
export function nameFaults(name: string, at = ''): ErrorDetail[] {
  // A job takes either the id of a reality data or a name: what looks like the one cannot be the other.
  if (namePattern.test(name) && !guid.test(name)) return []
  const expected = "a name such as 'cracks' or '@scope/cracks', of letters, digits and ._-"
  const got = `'${name.length <= 80 ? name : `${name.slice(0, 80)}...`}'`
  return [
    {
      code: 'InvalidProperty',
      message: `Property '${at}name' must be ${expected}, got ${got}.`,
      target: `${at}name`,
    },
  ]
}

export function isDetectorType(type: string): type is DetectorType {
  return (detectorTypes as readonly string[]).includes(type)
}

export function typeFaults(type: string, at = ''): ErrorDetail[] {
  if (isDetectorType(type)) return []
  return [{ code: 'InvalidValue', message: 'Invalid detector type.', target: `${at}type` }]
}

export function versionFaults(number: string, target: string): ErrorDetail[] {
  if (versionPattern.test(number)) return []
  return [
    {
      code: 'InvalidProperty',
      message: 'Version must contain a major and minor version in x.x format.',
      target,
    },
  ]
}

export function textFaults(texts: DetectorTexts, at = ''): ErrorDetail[] {
  const faults: ErrorDetail[] = []
  const fault = (name: string, message: string) =>
    faults.push({ code: 'InvalidProperty', message, target: `${at}${name}` })
  const { displayName = '', description = '', documentationUrl = '' } = texts
  if (!plainText.test(displayName)) fault('displayName', 'Special characters are not allowed.')
  if (!isStorableText(description)) {
    fault('description', `Property '${at}description' must be ${storableText}.`)
  }
  if (documentationUrl !== '' && !isWebAddress(documentationUrl)) {
    fault(
      'documentationUrl',
      `Property '${at}documentationUrl' must be an address that begins with http:// or https://.`,
    )
  }
  return faults
}

/** `at` names the list, e.g. `capabilities.labels`. */
export function labelFaults(labels: readonly string[], at: string): ErrorDetail[] {
  const first = labels.findIndex((label) => !isStorableText(label))
  if (first < 0) return []
  const target = `${at}[${first}]`
  return [{ code: 'InvalidProperty', message: `Property '${target}' must be ${storableText}.`, target }]
}

function isWebAddress(text: string): boolean {
  return isStorableText(text) && URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}
