/**
 * What a failed request means. `again`: the store was busy or the way to it was cut, and whether the request was carried out is not
 * known; `conflict`: another writer was at the same key at that moment, and it was not.
 */
export type RequestTrouble = 'absent' | 'precondition' | 'conflict' | 'again' | 'no-bucket' | 'denied' | 'expired' | 'no-credentials' | 'other'

export function requestTrouble(error: unknown): RequestTrouble {
  const { name = '', code = '', message = '', $metadata } = (error ?? {}) as { name?: string; code?: string; message?: string; $metadata?: { httpStatusCode?: number; clockSkewCorrected?: boolean } }
  const status = $metadata?.httpStatusCode
  // The clock here is wrong, and the SDK has taken from the answer by how much.
  if (name === 'RequestTimeTooSkewed' || (status === 403 && $metadata?.clockSkewCorrected)) return 'again'
  if (/^(ExpiredToken(Exception)?|TokenRefreshRequired|RequestExpired)$/.test(name) || /token.*(is )?expired/i.test(message) && status !== 503) return 'expired'
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') return /expired/i.test(message) ? 'expired' : 'no-credentials'
  if (name === 'NoSuchBucket') return 'no-bucket'
  if (name === 'PreconditionFailed' || status === 412) return 'precondition'
  if (name === 'ConditionalRequestConflict' || name === 'OperationAborted' || status === 409) return 'conflict'
  if (status === 403 || status === 401) return 'denied'
  if (status === 404) return 'absent'
  if (status !== undefined && (status >= 500 || status === 429 || status === 408)) return 'again'
  if (THROTTLED.test(name) || /^(TimeoutError|AbortError|IncompleteBody)$/.test(name) || NETWORK.test(code) || /socket hang up|premature close|ECONNRESET|aborted/i.test(message)) return 'again'
  return 'other'
}

const THROTTLED = /^(SlowDown|Throttling|ThrottlingException|TooManyRequestsException|RequestTimeout|ServiceUnavailable|InternalError)$/
const NETWORK = /^(ECONNRESET|ECONNREFUSED|ECONNABORTED|EPIPE|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|EAI_AGAIN|ENOTFOUND|UND_ERR_.*|ERR_STREAM_PREMATURE_CLOSE)$/
