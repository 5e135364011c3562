// The container URLs of an account, as the API gives them to an agent that has not its key.
import { ServiceError } from '@alidade/client'

export interface AccountUrls {
  /** Undefined: the container is reached at the API. `ours` is its URL there. */
  urlOf(containerId: string, ours: string, options: { anew: boolean }): Promise<string | undefined>
}

/** They are good for an hour. */
const keptMilliseconds = 30 * 60_000
const maxKept = 10_000

export function accountUrls(fetch: typeof globalThis.fetch, now: () => Date): AccountUrls {
  const kept = new Map<string, { url: string; goodUntil: number }>()
  let noAccount = false

  return {
    urlOf: async (containerId, ours, { anew }) => {
      if (noAccount) return undefined
      const known = kept.get(containerId)
      if (!anew && known !== undefined && now().getTime() < known.goodUntil) return known.url
      const request = 'GET account URL'
      const response = await fetch(`${ours}&comp=url`).catch((cause: unknown) => {
        throw new ServiceError({ request, code: 'NetworkError', message: 'no API answers', cause })
      })
      const text = await response.text()
      if (response.status === 204) {
        // The service keeps its files in one place for good.
        noAccount = true
        return undefined
      }
      if (response.status !== 200) {
        const { status } = response
        const message = `the API answered ${status} when it was asked where a container is`
        throw new ServiceError({ request, code: 'UnexpectedAnswer', message, status })
      }
      if (kept.size >= maxKept) kept.clear()
      kept.set(containerId, { url: text, goodUntil: now().getTime() + keptMilliseconds })
      return text
    },
  }
}
