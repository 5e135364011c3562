// What each error of the API means to a client; `docs/errors.md` is made of it.
import type { DetailCode, ErrorCode } from './errors.ts'

export interface ErrorMeaning {
  meaning: string
  /** What the client can do about it. */
  remedy: string
}

export const errorMeanings: Record<ErrorCode, ErrorMeaning> = {
  BadRequest: {
    meaning: 'The request is not valid HTTP or JSON, or its URL cannot be decoded.',
    remedy: 'Correct what `message` names.',
  },
  HeaderNotFound: {
    meaning: 'There is no Authorization header.',
    remedy: 'Send `Authorization: Bearer <token>`; `alidade token` makes one.',
  },
  Unauthorized: {
    meaning: 'The token is malformed, expired, revoked, of another issuer or audience, or lacks the scope.',
    remedy: 'Get a new token with one of the scopes of the operation.',
  },
  InvalidRealityAnalysisRequest: {
    meaning:
      'A parameter or the body of a request of Reality Analysis v2 is wrong; with status 422: the filter of a list is, or ' +
      'the inputs cannot be analysed, or the state of the job does not allow the change.',
    remedy: 'Correct what `details` names; there is one entry for each fault.',
  },
  InsufficientPermissions: {
    meaning: 'The caller is known, and may not do this to this resource.',
    remedy: 'Ask its owner.',
  },
  NotFound: {
    meaning: 'The service has no such path.',
    remedy: 'Compare the path with `/docs`.',
  },
  DetectorNotFound: {
    meaning: 'There is no such detector, or no such version of it, for this caller.',
    remedy: 'Check the name; a scoped one is one segment of the path, its slash written `%2F`.',
  },
  JobNotFound: {
    meaning: 'There is no such job for this caller.',
    remedy: 'Check the id, and that the token is of the tenant that created the job.',
  },
  ProgressNotFound: {
    meaning: 'There is no such job for this caller, or it ended more than 30 days ago.',
    remedy: 'Get the job itself: its record stays.',
  },
  JobProgressNotFound: {
    meaning: 'The same as ProgressNotFound, as Reality Analysis v2 calls it.',
    remedy: 'Get the job itself: its record stays.',
  },
  iTwinNotFound: {
    meaning: 'The iTwin is not in use, or not by this tenant.',
    remedy: 'Check the id; an iTwin comes into being with the first reality data or job in it.',
  },
  RealityDataNotFound: {
    meaning: 'There is no such reality data for this caller.',
    remedy: 'Check the id, and that the token is of the tenant that owns it.',
  },
  WebhookNotFound: {
    meaning: 'There is no such webhook for this caller.',
    remedy: 'Check the id, and that the token is of the tenant that created it.',
  },
  AssociationNotFound: {
    meaning: 'The reality data does not belong to this iTwin.',
    remedy: 'Ask for the iTwins it belongs to.',
  },
  MethodNotAllowed: {
    meaning: 'The path exists, the method does not.',
    remedy: 'Use one of the methods in the Allow header.',
  },
  RequestTimeout: {
    meaning: 'The request did not arrive in time.',
    remedy: 'Send it again.',
  },
  DetectorAlreadyExists: {
    meaning: 'The tenant has a detector of that name; letter case does not tell names apart.',
    remedy: 'Choose another name, or create a version of the one there is.',
  },
  DetectorVersionAlreadyExists: {
    meaning: 'The detector has a version of that number.',
    remedy: 'Choose another number, or delete that version first.',
  },
  RequestTooLarge: {
    meaning: 'The body is larger than this operation takes.',
    remedy: 'Send less; files go into the container, in blocks.',
  },
  UnsupportedMediaType: {
    meaning: 'The body is of a media type that is not taken.',
    remedy: 'Send `application/json`.',
  },
  InvalidRealityDataAnalysisRequest: {
    meaning: 'A parameter or the body of an analysis request is wrong, or the job is in another state.',
    remedy: 'Correct what `details` names; there is one entry for each fault.',
  },
  InvalidRealityDataRequest: {
    meaning: 'A parameter or the body of a reality data request is wrong.',
    remedy: 'Correct what `details` names; there is one entry for each fault.',
  },
  InvalidWebhookRequest: {
    meaning: 'A parameter or the body of a webhook request is wrong, or its URL is none that is sent to.',
    remedy: 'Correct what `details` names; there is one entry for each fault.',
  },
  TooManyRequests: {
    meaning: 'More requests in a minute than this client may make (Reality Analysis v1).',
    remedy: 'Wait as many seconds as the Retry-After header says.',
  },
  RateLimitExceeded: {
    meaning: 'More requests in a minute than this client may make (Reality Management, Reality Analysis v2).',
    remedy: 'Wait as many seconds as the Retry-After header says.',
  },
  HeadersTooLarge: {
    meaning: 'URL and headers are too long together.',
    remedy: 'Send a shorter filter or fewer headers.',
  },
  InternalServerError: {
    meaning: 'The service failed for a reason of its own.',
    remedy: 'Look for the `x-correlation-id` of the answer in the log of the service.',
  },
  ServiceUnavailable: {
    meaning: 'The service cannot answer just now.',
    remedy: 'Try again, as many seconds later as the Retry-After header says, where there is one.',
  },
}

export const detailMeanings: Record<DetailCode, string> = {
  InvalidProperty: 'A property of the body has the wrong type or shape, or is not known.',
  InvalidValue: 'A property has the right type and a value that will not do.',
  InvalidParameter: 'A parameter in path, query or header is missing or wrong.',
  InvalidChange: 'The state of the job does not allow this change.',
  MissingRequiredProperty: 'A property that is required is missing.',
  InvalidRequestBody: 'The body as a whole is missing or not what is expected.',
}
