// Files to and from the service, for Node.
export {
  type BlobCall,
  type BlobContainer,
  type ContainerUrlProvider,
  openContainer,
} from './node/blob-container.ts'
export { type ListedBlob, listBlobs } from './node/list-blobs.ts'
export { type PullOptions, type PullResult, pull } from './node/pull.ts'
export { type PushOptions, type PushResult, push } from './node/push.ts'
export { pushBlob } from './node/push-blob.ts'
export type { TransferOptions, TransferProgress } from './node/transfer.ts'
