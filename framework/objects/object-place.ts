import { BadObjectPlace } from './object-errors.ts'

/** A bucket and the folder in it: `prefix` is empty or ends with a slash. */
export interface ObjectPlace {
  readonly bucket: string
  readonly prefix: string
}

/** @throws {BadObjectPlace} */
export function objectPlace(uri: string): ObjectPlace {
  const parts = /^s3a?:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(uri)
  const prefix = (parts?.[2] ?? '').replace(/\/+$/, '')
  if (!parts || /(^|\/)(\.{0,2})(\/|$)/.test(prefix) && prefix !== '') throw new BadObjectPlace(uri)
  return { bucket: parts[1]!, prefix: prefix === '' ? '' : `${prefix}/` }
}

export const placeText = ({ bucket, prefix }: ObjectPlace): string => `s3://${bucket}${prefix === '' ? '' : `/${prefix.slice(0, -1)}`}`

/** Whether a location is an address rather than a path on this machine. */
export const isRemote = (location: string): boolean => /^[a-z0-9+.-]+:\/\//i.test(location)
