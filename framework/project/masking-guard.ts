import type { AssetGraph } from '../graph/asset-graph.ts'
import { inheritedTags } from '../graph/inherited-tags.ts'
import { columnRef, type LineageGraph } from '../graph/lineage-graph.ts'
import type { MaskingRule } from '../definition/masking-policy.ts'
import { ASIDE_ONLY } from '../definition/row-rules.ts'
import { layerOf, type AssetKey } from '../vocabulary/asset-key.ts'
import { ExplainedError, type Place } from '../vocabulary/errors.ts'
import { didYouMean } from '../vocabulary/near-names.ts'
import { MASKING_FILE, MaskingMistake, type Masking } from './masking-file.ts'

/** What the guard must know to hold the masking policy against the columns that there are. */
export interface MaskedProject {
  readonly whole: LineageGraph
  readonly graph: AssetGraph
  /** The layers in which no personal data may stand unmasked. */
  readonly guarded: readonly string[]
  readonly isPersonal: (tag: string) => boolean
}

/** Everything in which the columns of the project and the masking policy do not agree. */
export async function maskingMistakes(masking: Masking, { whole, graph, guarded, isPersonal }: MaskedProject): Promise<ExplainedError[]> {
  const tagged = inheritedTags(whole, isPersonal)
  const columns = new Map(tagged.nodes.map(({ key, columns = [] }) => [key as AssetKey, columns]))
  const { policy, layers } = masking
  const mistakes: ExplainedError[] = []
  for (const rule of policy.rules) {
    const known = columns.get(rule.dataset) ?? []
    const found = known.find(({ name }) => name === rule.column)
    if (!found && known.length > 0) mistakes.push(new MaskingMistake(`${rule.dataset} has no column ${rule.column}.`, didYouMean(rule.column, known.map(({ name }) => name), `It has ${known.map(({ name }) => name).join(', ')}.`), await masking.placeOf(rule)))
    const kinds = (found?.tags ?? []).filter(tag => tag.startsWith('pii:')).map(tag => tag.slice(4))
    if (kinds.length > 0 && !kinds.includes(rule.type)) mistakes.push(new MaskingMistake(`${rule.dataset}.${rule.column} is said to be of the type ${rule.type}, but is tagged pii:${kinds.join(', pii:')}.`, `Write type: ${kinds[0]}, or mend the tag in the contract.`, await masking.placeOf(rule)))
  }
  for (const [key, list] of columns) {
    if (!layers.includes(layerOf(key))) continue
    for (const { name, type, tags } of list) {
      // Rows that have something in it are set aside before the table is written.
      if (ASIDE_ONLY.includes(name)) continue
      const why = tags.filter(isPersonal).join(', ') || (looksPersonal(name, type) ? 'by its name' : '')
      if (why !== '' && !policy.has(key, name)) mistakes.push(new UnlistedPersonalData(`${key}.${name}`, why, graph.get(key).place))
    }
  }
  for (const rule of policy.rules.filter(({ method }) => method === 'withhold')) {
    const reached = reachedFrom(whole, columnRef(rule.dataset, rule.column)).find(ref => guarded.includes(layerOf(assetOf(ref))))
    if (reached) mistakes.push(new WithheldIsShown(rule, reached, graph.get(assetOf(reached)).place))
  }
  return [...mistakes, ...unaudited(masking, whole, graph, guarded)]
}

/** Masked columns of guarded tables of which no promise is held, so that nobody would count them. */
function unaudited({ policy }: Masking, whole: LineageGraph, graph: AssetGraph, guarded: readonly string[]): ExplainedError[] {
  const masked = new Set(policy.rules.flatMap(({ dataset, column }) => (whole.columnEdges ?? []).filter(edge => edge.from === columnRef(dataset, column) && edge.relation === 'value' && edge.masked).map(({ to }) => to)))
  return [...masked].filter(ref => guarded.includes(layerOf(assetOf(ref)))).flatMap(ref => {
    const { checks, place } = graph.get(assetOf(ref))
    return checks.some(({ rule }) => rule.kind === 'masked' && rule.column === columnOf(ref)) ? [] : [new UnauditedMask(ref, place)]
  })
}

/** Every column that a column's values come to, masked or not. */
function reachedFrom(whole: LineageGraph, start: string): string[] {
  const reached = new Set([start])
  for (const ref of reached) for (const { from, to, relation } of whole.columnEdges ?? []) if (from === ref && relation === 'value') reached.add(to)
  return [...reached]
}

const assetOf = (ref: string): AssetKey => ref.slice(0, ref.lastIndexOf('.')) as AssetKey
const columnOf = (ref: string): string => ref.slice(ref.lastIndexOf('.') + 1)

const PERSONAL_NAME = /^(.*_)?(e_?mail|e_?mail_address|(tele)?phone|(tele)?phone_number|mobile|fax|(first|last|full|middle|given|family|maiden|sur)_?name|surname|ssn|social_security(_number)?|passport(_number)?|tax_id|iban|(credit_)?card_number|(date_of_birth|birth_?(date|day)|dob)|ip|ip_address|street|address|home_address|postal_code|zip(_code)?)$/
const looksPersonal = (name: string, type: string): boolean => PERSONAL_NAME.test(name.toLowerCase()) && /^(VARCHAR|DATE|TIMESTAMP|STRUCT|JSON|BLOB|ANY|$)/i.test(type)

/** A column of personal data of which nobody has said how it may be shown. */
export class UnlistedPersonalData extends ExplainedError {
  readonly code = 'project/unlisted-personal-data'
  readonly hint: string
  constructor(readonly column: string, why: string, override readonly place: Place | undefined) {
    super(`${column} is personal data (${why}), but ${MASKING_FILE} has no rule for it.`)
    this.hint = `Write under columns: ${column}: { type: …, method: mask }, or hash or withhold; if it is no personal data, method: show with a reason.`
  }
}

export class WithheldIsShown extends ExplainedError {
  readonly code = 'project/withheld-is-shown'
  readonly hint = 'Leave it out of the query, or choose another method than withhold.'
  constructor({ dataset, column }: MaskingRule, reached: string, override readonly place: Place | undefined) {
    super(`${dataset}.${column} is withheld by ${MASKING_FILE}, but reaches ${reached}.`)
  }
}

export class UnauditedMask extends ExplainedError {
  readonly code = 'project/unaudited-mask'
  readonly hint: string
  constructor(readonly column: string, override readonly place: Place | undefined) {
    super(`${column} shows masked personal data, but no promise holds it to its mask, so that no audit would count it.`)
    this.hint = `Add to its checks: masked('${columnOf(column)}', …), with the form that the mask lets out.`
  }
}
