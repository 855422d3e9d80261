import { ExplainedError } from '../vocabulary/errors.ts'

export class NoBucket extends ExplainedError {
  readonly code = 'objects/no-bucket'
  readonly hint = 'Check the name and the region in the configuration, or make the bucket.'
  constructor(readonly bucket: string) {
    super(`There is no bucket ${bucket}.`)
  }
}

export class AccessDenied extends ExplainedError {
  readonly code = 'objects/access-denied'
  readonly hint: string
  constructor(deed: string, place: string, reason: string) {
    super(`Not allowed to ${deed} ${place}: ${reason}.`)
    this.hint = 'Check the permissions of the role and the policy of the bucket: varve doctor says which are missing. Nothing was committed.'
  }
}

export class NoCredentials extends ExplainedError {
  readonly code = 'objects/no-credentials'
  readonly hint = 'Sign in (aws sso login), set AWS_PROFILE, or give the machine a role.'
  constructor(reason: string) {
    super(`There are no credentials for AWS: ${reason.replace(/\.$/, '')}.`)
  }
}

export class NoRegion extends ExplainedError {
  readonly code = 'objects/no-region'
  readonly hint = 'Set AWS_REGION, or aws: { region: ... } in the configuration.'
  constructor() {
    super('No AWS region is configured.')
  }
}

export class CredentialsExpired extends ExplainedError {
  readonly code = 'objects/credentials-expired'
  readonly hint = 'Renew them (aws sso login), then do what is left: varve retry. What was committed stands.'
  constructor(deed: string, place: string) {
    super(`The credentials expired while trying to ${deed} ${place}.`)
  }
}

export class ObjectStoreFailed extends ExplainedError {
  readonly code = 'objects/failed'
  readonly hint: string
  /** @param transient a later try may go well, and what was asked for is surely not done */
  constructor(deed: string, where: string, cause: unknown, attempts: number, readonly transient = false) {
    super(`Could not ${deed} ${where}${attempts > 1 ? `, although it was tried ${attempts} times` : ''}: ${cause instanceof Error ? `${cause.name === 'Error' ? '' : `${cause.name}: `}${cause.message.replace(/\.$/, '')}` : String(cause)}.`, { cause })
    this.hint = 'Check that the store can be reached (varve doctor), then run it again. What was committed stands.'
  }
}

export class ObjectDamaged extends ExplainedError {
  readonly code = 'objects/damaged'
  readonly hint = 'Run it again. If it happens twice, restore the object from an earlier version of it or from a replica.'
  constructor(place: string, reason: string) {
    super(`${place} is not what was uploaded: ${reason}.`)
  }
}

export class SdkMissing extends ExplainedError {
  readonly code = 'objects/sdk-missing'
  readonly hint: string
  constructor(readonly module: string) {
    super(`${module} is needed here, but is not installed.`)
    this.hint = `Run: npm install ${module}`
  }
}

export class BadObjectPlace extends ExplainedError {
  readonly code = 'objects/bad-place'
  readonly hint = 'Write s3://bucket or s3://bucket/some/prefix. A bucket has 3 to 63 lower-case letters, digits, dots and hyphens.'
  constructor(readonly text: string) {
    super(`${text} names no place on S3.`)
  }
}

export class NoRoom extends ExplainedError {
  readonly code = 'objects/no-room'
  readonly hint = 'Make room, lower cache.size, or give cache.dir another disk. Nothing was committed.'
  constructor(path: string) {
    super(`There is no room for ${path} on this machine.`)
  }
}

export class ObjectMissing extends ExplainedError {
  readonly code = 'objects/missing'
  readonly hint = 'A vacuum may have taken it: read a newer version. If the newest version names it, restore it from an earlier version of the object or from a replica.'
  constructor(readonly location: string) {
    super(`${location} is not there.`)
  }
}
