import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { interleaved, ratios, run, spread } from './measure.mjs'

const root = join(import.meta.dirname, '../..')
const varve = join(root, 'dist/cli/varve.cjs')

const ASSETS = rows => `
import { Asset, Check, SqlAsset, Upstream, anomaly, between, expression, fresh, matches, maxLength, minLength, notNull, oneOf, relationship, rowCount, sql, sumEquals, unique } from 'varve'
/** One row per shop. */
@Asset({ key: 'bronze/shops' })
export class Shops extends SqlAsset {
  query() { return sql\`select i::integer as shop, (select sum(1 + r % 100) from range(${rows}) s(r) where r % 1000 = i) as quantity from range(1000) t(i)\` }
}
/** One row per sale. */
@Asset({
  key: 'silver/sales',
  checks: [
    notNull('id'), notNull('amount'), notNull('shop'), notNull('status'), notNull('email'), unique('id'), unique(['id', 'shop']), oneOf('status', ['new', 'paid', 'sent']),
    between('amount', { min: 0, max: 1000000 }), between('quantity', { min: 1, max: 100 }), between('at', { min: '2020-01-01' }), matches('email', '[a-z0-9]+@[a-z]+\\\\.com'), minLength('email', 5), maxLength('status', 10),
    relationship('shop', () => Shops), rowCount({ min: ${rows} }), expression('no sale is too cheap', sql\`amount >= quantity\`), fresh('at', { within: '100000d' }),
    sumEquals('quantity', () => Shops), anomaly('the amount is as ever', sql\`avg(amount)\`),
  ],
})
export class Sales extends SqlAsset {
  @Upstream(() => Shops) readonly shops!: Shops
  query() {
    return sql\`
      select i as id, (i % 1000)::integer as shop, 1 + i % 100 as quantity, ((1 + i % 100) * (1 + i % 7919))::decimal(18,2) as amount,
        ['new', 'paid', 'sent'][1 + i % 3] as status, 'user' || (i % 100003) || '@example.com' as email, timestamptz '2026-01-01' + to_seconds(i) as at
      from range(${rows}) t(i)\`
  }
  @Check() paidIsNotNothing() { return sql\`select * from \${this} where status = 'paid' and amount = 0\` }
}`

/** All checks of a table of five million rows, against the same questions asked of DuckDB by hand. */
export async function checks({ rounds = 7, rows = 5_000_000 } = {}) {
  const home = mkdtempSync(join(tmpdir(), 'varve-bench-'))
  try {
    mkdirSync(join(home, 'assets/silver'), { recursive: true })
    writeFileSync(join(home, 'package.json'), '{ "type": "module" }')
    symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'))
    writeFileSync(join(home, 'assets/silver/sales.ts'), ASSETS(rows))
    const lake = join(home, 'lake')
    await run([varve, 'materialize', '--quiet', '--lake', lake], { cwd: home })
    const measured = await interleaved({
      'by hand': async () => {
        const told = await run([join(import.meta.dirname, 'raw-checks.mjs'), lake], { cwd: root })
        return { ...told, ms: JSON.parse(told.out).ms }
      },
      'varve check': async () => {
        const told = await run([varve, 'check', 'silver/sales', '--json', '--lake', lake], { cwd: home })
        const [{ checks: results }] = JSON.parse(told.out).assets
        return { ...told, results, ms: results.reduce((total, { durationMs }) => total + durationMs, 0) }
      },
    }, { rounds })
    const { results } = measured['varve check'][0]
    const broken = results.filter(({ passed }) => !passed)
    if (broken.length > 0) throw new Error(`What was made keeps its promises, and these are broken:\n${JSON.stringify(broken)}`)
    const proofs = ['statistics', 'query'].map(proof => `${results.filter(result => result.proof === proof).length} by ${proof}`).join(', ')
    return [
      `checks: ${results.length} of a table of ${rows.toLocaleString('en')} rows (${proofs}), without starting, ${rounds} rounds. Aim: at most 1.2 times the same questions by hand`,
      `  by hand      ${spread(measured['by hand'].map(({ ms }) => ms))} ms`,
      `  varve check  ${spread(measured['varve check'].map(({ ms }) => ms))} ms, ${spread(ratios(measured['varve check'], measured['by hand'], 'ms'), 2)} times`,
      `  whole process: ${spread(ratios(measured['varve check'], measured['by hand'], 'wall'), 2)} times by the clock`,
    ]
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}
