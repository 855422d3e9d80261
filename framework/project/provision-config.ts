import type { WantedApplication } from '../engines/emr-application.ts'

/** `emrServerless.provision` as it is written. */
export interface ProvisionConfig extends Omit<WantedApplication, 'architecture' | 'autoStopMinutes'> {
  readonly architecture?: WantedApplication['architecture'] | undefined
  readonly autoStopMinutes?: number | undefined
}

const TEXT = { type: 'string', minLength: 1 } as const
const AMOUNT = { type: 'integer', minimum: 1 } as const

export const PROVISION_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'release', 'maximumCapacity'],
  properties: {
    name: { type: 'string', pattern: '^[A-Za-z0-9._/#-]{1,64}$' },
    release: { type: 'string', pattern: '^emr-\\d+\\.\\d+\\.\\d+$' },
    architecture: { enum: ['ARM64', 'X86_64'] },
    maximumCapacity: { type: 'object', additionalProperties: false, required: ['cpu', 'memoryGb'], properties: { cpu: AMOUNT, memoryGb: AMOUNT, diskGb: AMOUNT } },
    autoStopMinutes: { type: 'integer', minimum: 1, maximum: 10_080 },
    network: { type: 'object', additionalProperties: false, required: ['subnets', 'securityGroups'], properties: { subnets: { type: 'array', items: TEXT }, securityGroups: { type: 'array', items: TEXT } } },
    tags: { type: 'object', additionalProperties: { type: 'string' } },
  },
} as const

/** The application as the configuration wants it; undefined where it says nothing of that. */
export function wantedApplication(provision: ProvisionConfig | undefined): WantedApplication | undefined {
  return provision && { ...provision, architecture: provision.architecture ?? 'ARM64', autoStopMinutes: provision.autoStopMinutes ?? 15 }
}
