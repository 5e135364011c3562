// One file to a URL that is signed for one blob alone, as detectors have it.
import { type PushOptions, type PushResult, push } from './push.ts'

/** Uploads a file to exactly this URL. Such a URL cannot be renewed: what it is for has to be created anew. */
export async function pushBlob(
  blobUrl: string,
  path: string,
  options: PushOptions = {},
): Promise<Pick<PushResult, 'sentBytes'>> {
  // The dialect puts the name of a blob behind the address of its container; where the one ends does not matter here.
  const container = new URL(blobUrl)
  const cut = container.pathname.lastIndexOf('/')
  const name = decodeURIComponent(container.pathname.slice(cut + 1))
  container.pathname = container.pathname.slice(0, cut)
  return push(() => container.href, [{ path, name }], options)
}
