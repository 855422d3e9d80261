import { setTimeout as sleep } from 'node:timers/promises'
import { ExplainedError } from '../vocabulary/errors.ts'

const TRIES = 20
/** In milliseconds: what somebody waits for is not looked at more seldom than that, however often it failed. */
const LONGEST = 20_000

/**
 * Makes a call again where AWS was busy or the way to it was cut, a little later each time. What it asks for must be harmless to ask twice.
 * @throws {NoAnswer} where it stays so
 */
export async function patiently<T>(work: () => Promise<T>, wait: number, signal?: AbortSignal): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      if (!isPassing(error)) throw error
      if (tries > TRIES) throw new NoAnswer(error as Error, tries)
      await sleep(Math.min(LONGEST, wait * Math.min(tries, 8)) * (0.75 + Math.random() / 2), undefined, signal && { signal })
    }
  }
}

/** Says in our words that credentials are not accepted any more; any other error stays as it is. */
export async function withCredentials<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (isExpired(error) && !isOfTheClock(error)) throw new CredentialsExpired((error as Error).message)
    throw error
  }
}

/** Says in our words that a service does not do what it is asked for to begin with; what passes, and what is told of credentials, stays as it is. */
export async function unlessRefused<T>(service: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    const refused = error instanceof ExplainedError ? undefined : HINTS.find(([names]) => names.test((error as Error).name))
    throw refused ? new CallRefused(service, error as Error, refused[1]) : error
  }
}

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/AccessDenied|Unauthorized|Forbidden/, 'Whoever runs this needs the permission that is named there, and for jobs of EMR Serverless iam:PassRole for the role that they run as. varve doctor says what else is missing.'],
  [/ResourceNotFound/, 'Look at the ids in config/<profile>.yaml and at the region: varve doctor says what is not there.'],
  [/ServiceQuotaExceeded/, 'Wait until other jobs have ended, raise the quota, or run fewer steps at once (--jobs).'],
  [/^Conflict/, 'The application is being stopped or changed: run it again in a moment.'],
  [/Validation|InvalidRequest|InvalidParameter/, 'Look at the settings of the engine in config/<profile>.yaml.'],
]

const isExpired = (error: unknown): boolean => /^(ExpiredTokenException|ExpiredToken|UnrecognizedClientException|InvalidSignatureException|CredentialsProviderError)$/.test((error as Error).name)

type FromAws = Error & { readonly $metadata?: { readonly httpStatusCode?: number; readonly clockSkewCorrected?: boolean } }

/** The clock here was wrong, and the SDK knows by how much now. */
const isOfTheClock = (error: unknown): boolean => (error as FromAws).$metadata?.clockSkewCorrected === true

function isPassing(error: unknown): boolean {
  const { name, $metadata } = error as FromAws
  const status = $metadata?.httpStatusCode
  return isOfTheClock(error) || /Throttl|TooManyRequests|InternalServer|ServiceUnavailable|Timeout|ECONN|EPIPE|EAI_AGAIN|NetworkingError/.test(`${name} ${(error as NodeJS.ErrnoException).code ?? ''}`) || status === 429 || (status !== undefined && status >= 500)
}

/** Whether AWS says that there is no such job or query, or not any more. */
export const isUnknown = (error: unknown): boolean => (error as Error).name === 'ResourceNotFoundException' || ((error as Error).name === 'InvalidRequestException' && /not found|does not exist/i.test((error as Error).message))

export class CredentialsExpired extends ExplainedError {
  readonly code = 'engines/credentials-expired'
  readonly hint = 'Log in again (aws sso login) and repeat the command: a job that runs is found again, and none is started twice.'
  constructor(reason: string) {
    super(`AWS does not accept the credentials any longer: ${reason}`)
  }
}

export class NoAnswer extends ExplainedError {
  readonly code = 'engines/no-answer'
  readonly hint = 'Repeat the command once AWS is well again: a job that runs is found again, and none is started twice.'
  readonly transient = true
  constructor(last: Error, tries: number) {
    super(`AWS does not answer, although it was asked ${tries} times: ${last.name === 'Error' ? '' : `${last.name}: `}${last.message}`, { cause: last })
  }
}

export class CallRefused extends ExplainedError {
  readonly code = 'engines/call-refused'
  constructor(service: string, error: Error, readonly hint: string) {
    super(`${service} refuses: ${error.name}: ${error.message}`, { cause: error })
  }
}
