import { isCheckOnly, type Estimate, type Plan, type Step } from '../../planning/plan.ts'
import type { AssetKey } from '../../vocabulary/asset-key.ts'
import type { PartitionKey } from '../../vocabulary/partition-key.ts'
import type { Style } from '../terminal/style.ts'
import { bytes as inBytes, count, counted } from './amounts.ts'
import { causeDocument, causesInWords, type CauseDocument } from './cause-words.ts'
import { tableLines } from './table-view.ts'

/** What would be written and why, a line a step, and what needs nothing. Tables whose checks alone changed need nothing written. */
export function planLines(plan: Plan, { width, style }: { readonly width: number; readonly style: Style }, { estimate = false } = {}): string[] {
  const { written, checked, fresh } = byWork(plan)
  const toCheck = checked.length === 0 ? [] : ['', `The checks alone changed of ${checked.map(({ asset }) => asset).join(', ')}: they are held against what is there.`]
  if (written.length === 0) return [`${style.green(style.symbols.good)} ${everythingIsFresh(fresh.length)}`, ...toCheck]
  const rows = written.map(step => [step.id, ...(estimate ? [estimateInWords(step)] : []), causesInWords(step.causes)])
  return [
    ...tableLines([{ title: 'asset', least: 30, paint: style.bold }, ...(estimate ? [{ title: 'reads about', least: 20 }] : []), { title: 'why it is written', least: 20, wrap: true }], rows, { width, style }),
    '',
    `${counted(written.length, 'step')} to do, ${counted(fresh.length, 'asset')} fresh.`,
    ...toCheck,
  ]
}

const estimateInWords = ({ estimate: { rows, bytes, unknown }, cost }: Step): string => {
  const known = rows + bytes > 0 ? `${counted(rows, 'row')}, ${inBytes(bytes)}` : ''
  const price = cost && (cost.amount === undefined ? ` on ${cost.engine}, which has no price` : ` for ${cost.amount} ${cost.currency}`)
  return `${[known, unknown.length > 0 && `${known ? 'and ' : ''}what ${counted(unknown.length, 'asset')} will hold`].filter(Boolean).join(' ') || 'nothing'}${price ?? ''}`
}

/** The sentence where there is nothing to do. */
export const everythingIsFresh = (assets: number): string => (assets === 1 ? 'The asset is fresh: nothing to do.' : `All ${count(assets)} assets are fresh: nothing to do.`)

/** What a step would cost; without an amount where its engine has no price. */
export interface CostDocument {
  readonly engine: string
  readonly amount: number | null
  readonly currency: string | null
}

/** What `plan --json` prints. Equal lakes give equal documents: there is no time and no random name in it. */
export interface PlanDocument {
  readonly steps: readonly { readonly key: AssetKey; readonly partition?: PartitionKey; readonly rebuild?: true; readonly causes: readonly CauseDocument[]; readonly estimate?: Estimate & { readonly cost: CostDocument | null } }[]
  readonly fresh: readonly AssetKey[]
  /** Of these fresh ones the checks changed, and are all that is run. */
  readonly checkOnly?: readonly AssetKey[]
}

export function planDocument(plan: Plan, { estimate: estimated = false } = {}): PlanDocument {
  const { written, checked, fresh } = byWork(plan)
  return {
    steps: written.map(({ asset, partition, rebuild, causes, estimate, cost }) => ({
      key: asset, ...(partition !== undefined && { partition }), ...(rebuild && { rebuild }), causes: causes.map(causeDocument),
      ...(estimated && { estimate: { ...estimate, cost: cost ? { engine: cost.engine, amount: cost.amount ?? null, currency: cost.currency ?? null } : null } }),
    })),
    fresh,
    ...(checked.length > 0 && { checkOnly: checked.map(({ asset }) => asset) }),
  }
}

/** Nobody's rows are stale because promises about them changed: such a step is fresh, and held to its checks. */
function byWork({ steps, fresh }: Plan): { readonly written: readonly Step[]; readonly checked: readonly Step[]; readonly fresh: readonly AssetKey[] } {
  const checked = steps.filter(isCheckOnly)
  return { written: steps.filter(step => !isCheckOnly(step)), checked, fresh: [...fresh, ...checked.map(({ asset }) => asset)] }
}
