import { expect, test } from 'vitest'
import { causeInWords } from '../../framework/cli/views/cause-words.ts'
import { explanationDocument, explanationLines } from '../../framework/cli/views/explanation-view.ts'
import { planDocument, planLines } from '../../framework/cli/views/plan-view.ts'
import { statusDocument, statusLines } from '../../framework/cli/views/status-view.ts'
import { listLines } from '../../framework/cli/views/list-view.ts'
import { lineageDocument, lineageLines } from '../../framework/cli/views/lineage-view.ts'
import { historyLines, versionDocument } from '../../framework/cli/views/history-view.ts'
import type { Explanation } from '../../framework/planning/explanation.ts'
import type { Plan } from '../../framework/planning/plan.ts'
import type { StaleCause } from '../../framework/vocabulary/stale-cause.ts'
import type { CodeVersion } from '../../framework/vocabulary/version.ts'
import { AT, bronze, gold, landed, silver, wide } from './told-progress.ts'

const version = (text: string) => text as CodeVersion
const recoded: StaleCause = { code: 'code', was: version('a1b2c3d4e5'), now: version('ffeeddccbb') }
const after = (upstream: typeof gold): StaleCause => ({ code: 'upstream', upstream })

const plan: Plan = {
  selection: '*',
  steps: [
    { id: silver, asset: silver, codeVersion: version('x'), causes: [recoded], estimate: { rows: 1200, bytes: 3400, unknown: [] }, after: [] },
    { id: gold, asset: gold, codeVersion: version('x'), causes: [{ code: 'forced' }, after(silver), after(bronze)], estimate: { rows: 0, bytes: 0, unknown: [silver] }, after: [silver] },
  ],
  fresh: [landed, bronze],
}

test.each<[StaleCause, string]>([
  [{ code: 'forced' }, 'asked for'],
  [{ code: 'missing' }, 'never written'],
  [{ code: 'tampered', recorded: 3, head: 5, by: 'spark' }, 'the table is at version 5, but we wrote 3: changed by spark'],
  [{ code: 'tampered', recorded: 3, head: 5 }, 'the table is at version 5, but we wrote 3: someone else changed it'],
  [recoded, 'its code changed (a1b2c3d4 → ffeeddcc)'],
  [{ code: 'write', was: '{"mode":"append"}', now: '{"mode":"overwrite"}', needs: 'rebuild' }, 'how it is written changed from {"mode":"append"} to {"mode":"overwrite"}, so that the table is made anew'],
  [{ code: 'dependencies', added: [bronze], removed: [landed, gold] }, 'now reads bronze/crm_contacts, no longer reads landing/crm_contacts and gold/customer_360'],
  [{ code: 'data', upstream: bronze, by: 'run-7' }, 'bronze/crm_contacts has new data (run run-7)'],
  [{ code: 'data', upstream: landed, what: 'contacts.csv, 12 bytes' }, 'its source changed: contacts.csv, 12 bytes'],
  [{ code: 'interval', slices: '2026-03-01..2026-03-04' }, 'slices that should be there by now: 2026-03-01..2026-03-04'],
  [{ code: 'volatile', because: 'it is declared volatile' }, 'it is declared volatile'],
  [after(bronze), 'bronze/crm_contacts is written first'],
])('a cause is said in words: %o', (cause, words) => {
  expect(causeInWords(cause)).toBe(words)
})

test('a plan is a line a step with all its causes', () => {
  expect(planLines(plan, wide)).toEqual([
    'asset                why it is written',
    'silver/crm_contacts  its code changed (a1b2c3d4 → ffeeddcc)',
    'gold/customer_360    asked for; silver/crm_contacts and bronze/crm_contacts are written first',
    '',
    '2 steps to do, 2 assets fresh.',
  ])
})

test('a plan with nothing to do says so', () => {
  expect(planLines({ ...plan, steps: [] }, wide)).toEqual(['✓ All 2 assets are fresh: nothing to do.'])
})

test('tables of which only the checks changed are fresh, and named as held to them', () => {
  const checked: Plan = { ...plan, steps: [{ ...plan.steps[0]!, causes: [{ code: 'checks', was: 'a', now: 'b' }] }] }
  expect(planLines(checked, wide)).toEqual(['✓ All 3 assets are fresh: nothing to do.', '', 'The checks alone changed of silver/crm_contacts: they are held against what is there.'])
  expect(planDocument(checked)).toEqual({ steps: [], fresh: [landed, bronze, silver], checkOnly: [silver] })
})

test('a plan is the documented JSON', () => {
  expect(planDocument(plan)).toEqual({
    steps: [
      { key: silver, causes: [{ code: 'code', detail: 'its code changed (a1b2c3d4 → ffeeddcc)' }] },
      { key: gold, causes: [{ code: 'forced', detail: 'asked for' }, { code: 'upstream', upstream: silver, detail: `${silver} is written first` }, { code: 'upstream', upstream: bronze, detail: `${bronze} is written first` }] },
    ],
    fresh: [landed, bronze],
  })
})

const why: Explanation = {
  key: gold,
  causes: [after(silver), after(bronze)],
  because: [
    { key: silver, causes: [recoded, after(bronze)], because: [{ key: bronze, causes: [{ code: 'data', upstream: landed, by: 'run-7' }], because: [] }] },
    { key: bronze, causes: [{ code: 'data', upstream: landed, by: 'run-7' }], because: [], seen: true },
  ],
}

test('an explanation is a tree down to the roots, each told once', () => {
  expect(explanationLines(why, wide)).toEqual([
    'gold/customer_360',
    '├─ silver/crm_contacts is written first',
    '│  ├─ its code changed (a1b2c3d4 → ffeeddcc)',
    '│  └─ bronze/crm_contacts is written first',
    '│     └─ landing/crm_contacts has new data (run run-7)',
    '└─ bronze/crm_contacts is written first (told above)',
  ])
  expect(explanationDocument(why).because.map(({ key, because }) => [key, because.length])).toEqual([[silver, 1], [bronze, 0]])
  expect(explanationLines({ key: gold, causes: [], because: [] }, wide)).toEqual(['gold/customer_360 is fresh: nothing that it is made from has changed.'])
})

test('status tells a pipe instants and a person how long ago', () => {
  const assets = [{ key: silver, stale: false, causes: [], lastMaterializedAt: AT, tableVersion: 4 }, { key: gold, stale: true, causes: [{ code: 'missing' } as const] }]
  expect(statusLines(assets, new Date('2026-03-01T08:30:00Z'), wide)).toEqual([
    'asset                state  written                   version  why',
    'silver/crm_contacts  fresh  2026-03-01T06:00:00.000Z        4',
    'gold/customer_360    stale  never                              never written',
    '',
    '1 asset fresh, 1 stale.',
  ])
  expect(statusLines(assets, new Date('2026-03-01T08:30:00Z'), { ...wide, isTerminal: true })[1]).toBe('silver/crm_contacts  fresh  2 hours ago        4')
  expect(assets.map(asset => statusDocument(asset))).toEqual([
    { key: silver, stale: false, causes: [], lastMaterializedAt: AT, tableVersion: 4 },
    { key: gold, stale: true, causes: [{ code: 'missing', detail: 'never written' }], lastMaterializedAt: null, tableVersion: null },
  ])
})

const asset = (key: typeof gold, kind: 'sql' | 'files') => ({ key, kind, write: { mode: 'overwrite' } as const, description: 'One row per thing.\nMore of it.' })

test('a list goes layer by layer, and leaves out how tables are written where there is little room', () => {
  const assets = [asset(landed, 'files'), asset(silver, 'sql'), asset(bronze, 'sql'), asset(gold, 'sql')]
  expect(listLines(assets, '/lake', wide)).toEqual([
    'asset                 kind   write      what a row is',
    'landing/crm_contacts  files  overwrite  One row per thing.',
    'silver/crm_contacts   sql    overwrite  One row per thing.',
    'bronze/crm_contacts   sql    overwrite  One row per thing.',
    'gold/customer_360     sql    overwrite  One row per thing.',
  ])
  expect(listLines(assets.slice(0, 1), '/lake', { ...wide, width: 80 })).toEqual(['asset                 kind   what a row is', 'landing/crm_contacts  files  One row per thing.'])
})

test('on a terminal, an asset in a list leads to its file', () => {
  const [, line] = listLines([{ ...asset(gold, 'sql'), place: { file: 'assets/gold/customer 360.ts', line: 4 } }], '/my lake', { ...wide, style: { ...wide.style, link: (text, address) => `[${text}](${address})` } })
  expect(line).toBe('[gold/customer_360](file:///my%20lake/assets/gold/customer%20360.ts)  sql   overwrite  One row per thing.')
})

test('lineage is a line an asset with what it is made of', () => {
  const graph = { nodes: [{ key: bronze, layer: 'bronze', kind: 'sql' }, { key: silver, layer: 'silver', kind: 'sql' }], edges: [{ from: bronze, to: silver }] }
  expect(lineageLines(graph, wide)).toEqual(['asset                is made of', 'bronze/crm_contacts', 'silver/crm_contacts  bronze/crm_contacts'])
  expect(lineageDocument(graph)).toEqual({ nodes: [{ key: bronze, layer: 'bronze' }, { key: silver, layer: 'silver' }], edges: [{ from: bronze, to: silver }] })
})

test('a version that someone else wrote says so', () => {
  const versions = [{ version: 1, at: AT, operation: 'OPTIMIZE' }, { version: 0, at: AT, operation: 'WRITE', run: 'run-1', rows: 1234, codeVersion: 'c0ffee00dd', metrics: { numFiles: 2 } }]
  expect(historyLines(versions, wide)).toEqual([
    'version  written               operation   rows  run        code      metrics',
    '      1  2026-03-01T06:00:00Z  OPTIMIZE          not by us',
    '      0  2026-03-01T06:00:00Z  WRITE      1,234  run-1      c0ffee00  numFiles 2',
  ])
  expect(versionDocument(versions[0]!)).toEqual({ version: 1, at: AT, operation: 'OPTIMIZE', run: null, rows: null, codeVersion: null, metrics: {}, quality: 'none', checks: [] })
})
