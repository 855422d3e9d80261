import { setTimeout as sleep } from 'node:timers/promises'
import { ExplainedError } from '../vocabulary/errors.ts'

/** Makes a call again where AWS was busy or the way to it was cut, a little later each time. What it asks for must be harmless to ask twice. */
export async function patiently<T>(work: () => Promise<T>, wait: number, signal?: AbortSignal): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      if (!isPassing(error) || tries > 20) throw error
      await sleep(wait * Math.min(tries, 8) * (0.75 + Math.random() / 2), undefined, signal && { signal })
    }
  }
}

/** Says in our words that credentials are not accepted any more; any other error stays as it is. */
export async function withCredentials<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (isExpired(error)) throw new CredentialsExpired((error as Error).message)
    throw error
  }
}

const isExpired = (error: unknown): boolean => /^(ExpiredTokenException|ExpiredToken|UnrecognizedClientException|InvalidSignatureException|CredentialsProviderError)$/.test((error as Error).name)

function isPassing(error: unknown): boolean {
  const { name, $metadata } = error as Error & { readonly $metadata?: { readonly httpStatusCode?: number } }
  const status = $metadata?.httpStatusCode
  return /Throttl|TooManyRequests|InternalServer|ServiceUnavailable|Timeout|ECONN|EPIPE|EAI_AGAIN|NetworkingError/.test(`${name} ${(error as NodeJS.ErrnoException).code ?? ''}`) || status === 429 || (status !== undefined && status >= 500)
}

export class CredentialsExpired extends ExplainedError {
  readonly code = 'engines/credentials-expired'
  readonly hint = 'Log in again (aws sso login) and repeat the command: a job that runs is found again, and none is started twice.'
  constructor(reason: string) {
    super(`AWS does not accept the credentials any longer: ${reason}`)
  }
}
