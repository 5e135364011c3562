/**
 * The body of an answer as text, cut soon after `limitBytes`: a stream without end, or a file where a short error
 * was due, must not fill the memory.
 */
export async function readText(response: Response, limitBytes: number): Promise<string> {
  if (!response.body) return ''
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  for (let sizeBytes = 0; sizeBytes <= limitBytes; ) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    sizeBytes += value.byteLength
    text += decoder.decode(value, { stream: true })
  }
  await reader.cancel()
  return text
}
