import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isTable, type AssetDefinition } from '../definition/asset-definition.ts'
import type { LineageOutcome } from '../graph/column-lineage-batch.ts'
import { isAssetKey, layerOf, type AssetKey } from '../vocabulary/asset-key.ts'
import { ExplainedError, throwMistakes, type Place } from '../vocabulary/errors.ts'
import { didYouMean } from '../vocabulary/near-names.ts'
import { readJson, replaceFile, stampOf } from './cache.ts'
import { madeRule, type MadeRule } from './quality-rule.ts'
import { RuleRefused } from './rule-settings.ts'
import { matches, type PassRates } from './pass-rates.ts'
import type { MigrationNote, QualityFile, ReadRule, WrittenRate } from './quality-file.ts'

/** A rule of the file that is carried out. */
export interface QualityRule extends MadeRule, Pick<ReadRule, 'place' | 'lines'> {
  readonly asset: AssetKey
}

export interface Quality {
  readonly rules: readonly QualityRule[]
  /** What the file says and is not carried out, line by line. Only the original form is read so leniently. */
  readonly notes: readonly MigrationNote[]
  readonly passRates: PassRates
}

export const QUALITY_FILE = 'config/dq.yaml'

/** The rules of `config/dq.yaml`, each bound to its asset. @throws every rule of our own form that cannot be carried out */
export async function loadQuality(root: string, cacheFolder: string, definitions: readonly AssetDefinition[]): Promise<Quality> {
  const path = join(root, QUALITY_FILE)
  if (!existsSync(path)) return { rules: [], notes: [], passRates: {} }
  return qualityOf(await readOnce(root, path, cacheFolder), definitions)
}

/** The file as it was read when it last changed: a start need not parse what it knows. */
async function readOnce(root: string, path: string, cacheFolder: string): Promise<QualityFile> {
  const stamp = `2 ${stampOf(path)}`
  const kept = join(cacheFolder, 'quality.json')
  const known = readJson(kept) as { readonly stamp: string; readonly file: QualityFile } | undefined
  if (known?.stamp === stamp) return known.file
  const { readQualityFile } = await import('./quality-file.ts')
  const file = readQualityFile(root, path)
  replaceFile(kept, JSON.stringify({ stamp, file }))
  return file
}

export function qualityOf({ form, rules, notes, passRates }: QualityFile, definitions: readonly AssetDefinition[]): Quality {
  const byKey = new Map(definitions.map(definition => [String(definition.key), definition]))
  const made: QualityRule[] = []
  const mistakes: QualityMistake[] = []
  const more: MigrationNote[] = []
  for (const { dataset, written, place, lines } of rules) {
    try {
      const definition = byKey.get(keyText(dataset))
      if (!definition) throw new RuleRefused(`There is no asset ${keyText(dataset)}.`, didYouMean(keyText(dataset), [...byKey.keys()], 'Name an asset by its key, as in silver/orders.'))
      if (!isTable(definition)) throw new RuleRefused(`${definition.key} is no table.`, 'Bind the rule to the table that is made of it.')
      made.push({ asset: definition.key, place, lines, ...madeRule(written, name => upstreamOf(definition, name), definition.key) })
    } catch (error) {
      if (!(error instanceof RuleRefused || error instanceof ExplainedError)) throw error
      if (form === 'original') more.push({ place, lines, note: `${error.message} ${error.hint}` })
      else mistakes.push(new QualityMistake(error.message, error.hint, place))
    }
  }
  const rates: Record<string, number> = {}
  for (const written of passRates) {
    const problem = problemOfRate(written, [...byKey.keys()])
    if (!problem) rates[keyText(written.name)] = written.rate as number
    else if (form === 'original') more.push({ place: written.place, lines: { from: written.place.line ?? 0, to: written.place.line ?? 0 }, note: `${problem.message} ${problem.hint}` })
    else mistakes.push(problem)
  }
  throwMistakes(mistakes)
  return { rules: made, notes: [...notes, ...more].sort((a, b) => a.lines.from - b.lines.from), passRates: rates }
}

/** The definitions with the file's rules among their promises. */
export function withQuality(definitions: readonly AssetDefinition[], { rules }: Quality): AssetDefinition[] {
  const byAsset = new Map<AssetKey, QualityRule[]>()
  for (const rule of rules) byAsset.set(rule.asset, [...(byAsset.get(rule.asset) ?? []), rule])
  return definitions.map(definition => {
    const checks = byAsset.get(definition.key)?.flatMap(rule => rule.checks) ?? []
    return checks.length === 0 ? definition : Object.freeze({ ...definition, checks: [...definition.checks, ...checks] })
  })
}

/** Rules about columns that their table will not have, as far as its query tells. */
export function missingColumns({ rules }: Quality, outcomes: ReadonlyMap<string, LineageOutcome>): QualityMistake[] {
  return rules.flatMap(({ asset, columns, place }) => {
    const outcome = outcomes.get(asset)
    if (outcome?.type !== 'known' || outcome.lineage.columns.length === 0) return []
    const known = outcome.lineage.columns.map(({ name }) => name)
    return columns.filter(name => !known.includes(name)).map(name => new QualityMistake(`${asset} has no column ${name}.`, didYouMean(name, known, `It has ${known.join(', ')}.`), place))
  })
}

function problemOfRate({ name, rate, place }: WrittenRate, keys: readonly string[]): QualityMistake | undefined {
  const key = keyText(name)
  const layers = new Set(keys.map(each => layerOf(each as AssetKey)))
  const known = key === 'default' || layers.has(key) || keys.some(each => (key.includes('*') ? matches(key, each) : each === key))
  if (!known) return new QualityMistake(`The pass rate of ${key} is that of no asset.`, didYouMean(key, [...keys, ...layers, 'default'], 'Name an asset, a pattern as in gold/fact_*, a layer, or default.'), place)
  return typeof rate === 'number' && rate >= 0 && rate <= 1 ? undefined : new QualityMistake(`The pass rate of ${key} is ${JSON.stringify(rate) ?? 'nothing'}.`, 'Write a share between 0 and 1, as in 0.95.', place)
}

const keyText = (dataset: string): string => (isAssetKey(dataset) ? dataset : dataset.replaceAll('.', '/'))

function upstreamOf({ key, upstreams }: AssetDefinition, name: string): AssetKey {
  const known = upstreams.map(upstream => upstream.asset())
  const found = known.find(upstream => upstream === keyText(name))
  if (!found) throw new RuleRefused(`${key} does not read ${keyText(name)}.`, didYouMean(keyText(name), known, 'A rule may only ask tables that the asset declares with @Upstream.'))
  return found
}

export class QualityMistake extends ExplainedError {
  readonly code = 'project/bad-rule'
  constructor(message: string, readonly hint: string, override readonly place: Place) {
    super(message)
  }
}
