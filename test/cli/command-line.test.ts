import { describe, expect, test } from 'vitest'
import { instant, natural, positive } from '../../framework/cli/project-options.ts'
import { resumeCommand, shellLine } from '../../framework/cli/shell-words.ts'
import { styleFor } from '../../framework/cli/terminal/style.ts'
import { errorLines } from '../../framework/cli/views/error-view.ts'
import { ExplainedError, SeveralMistakes, type Place } from '../../framework/vocabulary/errors.ts'
import { bronze, gold, result, silver, step, wide } from './told-progress.ts'

describe('--now', () => {
  test.each([['2026-03-01', '2026-03-01T00:00:00.000Z'], ['2026-03-01T06:00:00Z', '2026-03-01T06:00:00.000Z'], ['2026-03-01T06:00+02:00', '2026-03-01T04:00:00.000Z'], ['2026-03-01T06:00:00.123456Z', '2026-03-01T06:00:00.123Z']])('%s is %s', (text, iso) => {
    expect(instant(text).toISOString()).toBe(iso)
  })

  test.each(['', 'yesterday', '2026-02-30', '2026-02-30T00:00:00Z', '2026-13-01', '2026-03-01T06:00', '2026-03-01 06:00Z', '1772344800'])('"%s" is no instant', text => {
    expect(() => instant(text)).toThrow(`--now "${text}" is not an instant.`)
  })
})

test('numbers are whole, and from 0 or 1 up', () => {
  expect([positive('--jobs')('12'), natural('--limit')('0')]).toEqual([12, 0])
  for (const text of ['0', '-1', '1.5', 'x', '']) expect(() => positive('--jobs')(text)).toThrow('--jobs')
})

test('a command can be pasted into a shell as it is printed', () => {
  expect(shellLine(['varve', 'materialize', '+gold/customer_360', 'gold/*', "tag:it's", '--lake', 'a b'])).toBe(String.raw`varve materialize +gold/customer_360 'gold/*' 'tag:it'\''s' --lake 'a b'`)
})

test('the command that resumes is the same again; after a forced run it names what is left', () => {
  const ended = result([step(bronze), step(silver, { status: 'failed' }), step(gold, { status: 'skipped', because: silver })])
  expect(resumeCommand(['materialize', '+gold/*', '--jobs', '2'], ['+gold/*'], ended)).toBe("varve materialize '+gold/*' --jobs 2")
  expect(resumeCommand(['materialize', '--force', '+gold/*', '--jobs', '2'], ['+gold/*'], ended)).toBe('varve materialize silver/crm_contacts gold/customer_360 --force --jobs 2')
})

class Typo extends ExplainedError {
  readonly code = 'project/unknown-setting'
  readonly hint = 'Did you mean layers?'
  override readonly place: Place
  constructor(name: string, line: number) {
    super(`There is no setting ${name}.`)
    this.place = { file: 'config/local.yaml', line, column: 3 }
  }
}

test('a mistake is told with its code, its place and its hint, and several are told together', () => {
  const lines = ['project/unknown-setting: There is no setting layer.', '  in config/local.yaml:4:3', '  Did you mean layers?']
  expect(errorLines(new Typo('layer', 4), wide)).toEqual(lines)
  expect(errorLines(new SeveralMistakes([new Typo('layer', 4), new Typo('layres', 9)]), wide)).toEqual([...lines, ...lines.map(line => line.replace('layer.', 'layres.').replace(':4:', ':9:'))])
})

const isColoured = (isTerminal: boolean, environment: NodeJS.ProcessEnv): boolean => styleFor(isTerminal, environment).red('x') !== 'x'

test('what a message quotes from outside cannot steer the terminal', () => {
  expect(errorLines(new Typo('la\u001B[2Jyer', 4), wide)[0]).toBe(String.raw`project/unknown-setting: There is no setting la\u001b[2Jyer.`)
})

test('colours are for terminals, unless the person said otherwise', () => {
  expect([
    isColoured(true, {}), isColoured(false, {}), isColoured(true, { NO_COLOR: '1' }), isColoured(true, { NO_COLOR: '' }), isColoured(false, { FORCE_COLOR: '1' }), isColoured(true, { FORCE_COLOR: '0' }), isColoured(true, { TERM: 'dumb' }),
    isColoured(false, { FORCE_COLOR: '1', NO_COLOR: '1' }),
  ]).toEqual([true, false, false, true, true, false, false, true])
})

test('links are for terminals only', () => {
  expect(styleFor(true, {}).link('x', 'file:///x')).toBe('\u001B]8;;file:///x\u001B\\x\u001B]8;;\u001B\\')
  expect(styleFor(false, { FORCE_COLOR: '1' }).link('x', 'file:///x')).toBe('x')
})
