// How clients are given the bucket of an iTwin: as the container `bucket-<iTwin id>`. Where it lies, only the row of the
// iTwin knows.

export function bucketContainerName(iTwinId: string): string {
  return `bucket-${iTwinId}`
}

/** The iTwin whose bucket a container name means; undefined: it means no bucket. */
export function iTwinOfBucket(containerName: string): string | undefined {
  return /^bucket-([0-9a-f-]{36})$/.exec(containerName)?.[1]
}
