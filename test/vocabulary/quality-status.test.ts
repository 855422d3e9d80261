import { describe, expect, it } from 'vitest'
import { assetKey } from '../../framework/vocabulary/asset-key.ts'
import { qualityOf, type CheckResult } from '../../framework/vocabulary/check-result.ts'

const result = (over: Partial<CheckResult>): CheckResult => ({ asset: assetKey('silver/orders'), check: 'it holds', severity: 'error', passed: true, failingRows: 0, proof: 'query', durationMs: 0, ...over })
const holds = result({})
const warns = result({ severity: 'warn', passed: false, failingRows: 1 })
const rejects = result({ severity: 'warn', passed: false, failingRows: 1, rejects: { how: 'quarantine', of: 10 } })
const broken = result({ passed: false, failingRows: 1 })

describe('[OBS-M-3] the one word that the checks of a table come to', () => {
  it.each([
    ['none', []],
    ['pass', [holds]],
    ['warn', [holds, warns]],
    ['quarantine', [holds, warns, rejects]],
    ['fail', [rejects, broken, holds]],
    ['fail', [result({ passed: false, error: 'no such column' })]],
    ['fail', [result({ passed: false, blocking: false })]],
    ['pass', [result({ severity: 'warn', rejects: { how: 'drop', of: 10 } })]],
  ] as const)('is %s', (word, results) => {
    expect(qualityOf(results)).toBe(word)
  })
})
