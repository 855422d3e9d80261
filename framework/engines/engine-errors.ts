import { ExplainedError } from '../vocabulary/errors.ts'
import type { ForeignDialect } from '../vocabulary/sql.ts'
import type { Objection } from './translation-guard.ts'

const NAMES: Readonly<Record<ForeignDialect, string>> = { spark: 'Spark', trino: 'Trino (Athena)' }

/** A query that says something which another engine would answer otherwise, or not at all. */
export class NotTranslated extends ExplainedError {
  readonly code = 'engines/not-translated'
  readonly hint: string
  constructor(readonly subject: string, readonly dialect: ForeignDialect, readonly objections: readonly Objection[]) {
    super(`The query of ${subject} cannot be translated for ${NAMES[dialect]}: ${objections.map(({ construct, why, place }) => `${construct}${place ? ` in line ${place.line}, column ${place.column}` : ''} (${why})`).join('; ')}.`)
    const instead = [...new Set(objections.flatMap(({ instead: better }) => better ?? []))]
    this.hint = `${instead.length > 0 ? `${instead.join(' ')} Or give` : 'Give'} it a body of its own: query({ dialect }) { if (dialect === '${dialect}') return sql\`…\` }, or the expression: inDialects(sql\`…\`, { ${dialect}: sql\`…\` }).`
  }
}

export class TranslationFailed extends ExplainedError {
  readonly code = 'engines/translation-failed'
  readonly hint: string
  constructor(dialect: ForeignDialect, problem: string) {
    super(`A query could not be translated for ${NAMES[dialect]}: ${problem}.`)
    this.hint = `Give the asset a body of its own: query({ dialect }) { if (dialect === '${dialect}') return sql\`…\` }.`
  }
}

export class TranslatorMissing extends ExplainedError {
  readonly code = 'engines/translator-missing'
  readonly hint = 'Install it again (npm install @polyglot-sql/sdk). It is tried on Node 20, 22 and 24; where it does not load, give the assets bodies of their own: query({ dialect }).'
  constructor(problem: string) {
    super(`The translator of SQL (@polyglot-sql/sdk) cannot be loaded on Node ${process.versions.node}: ${problem}`)
  }
}

/** What the engine gave is not what the query promises. */
export class WrongColumns extends ExplainedError {
  readonly code = 'engines/wrong-columns'
  readonly hint = 'A body of its own must give the same columns, in order, by name and type: cast what differs.'
  constructor(subject: string, engine: string, expected: readonly string[], got: readonly string[]) {
    super(`${engine} gave other columns for ${subject} than its query promises: ${got.join(', ')} instead of ${expected.join(', ')}.`)
  }
}

/** A job on another machine that did not end well. `transient`: another try may go well. */
export class JobFailed extends ExplainedError {
  readonly code = 'engines/job-failed'
  constructor(readonly engine: string, readonly job: string, readonly state: string, detail: string, readonly hint: string, readonly transient = false) {
    super(`${engine} job ${job} ended as ${state}: ${detail}`)
  }
}

/** Another orchestrator makes the table at this moment. Its job is left alone, and no other is asked for: of two, one could not be published. */
export class JobOfAnotherRun extends ExplainedError {
  readonly code = 'engines/job-of-another-run'
  readonly hint = 'Nothing was asked for and nothing written here. Run it again once that run has ended: then it is known what there is left to do.'
  constructor(subject: string, engine: string, job: string | undefined, readonly holder: string, asksTheSame: boolean) {
    super(`${subject} is being made by ${engine} job ${job ?? 'that is about to start'}, for which ${holder} waits${asksTheSame ? '' : ', and which was asked for something else'}.`)
  }
}

export class NoScripts extends ExplainedError {
  readonly code = 'engines/no-scripts'
  readonly hint = 'Scripts run on Spark: say engines: { assets: { <key>: emr-serverless } } in config/<profile>.yaml, or choose a profile that does.'
  constructor(subject: string, engine: string) {
    super(`${subject} is made by a script, and the engine "${engine}" runs none.`)
  }
}

export class SecretInJob extends ExplainedError {
  readonly code = 'engines/secret-in-job'
  readonly hint: string
  constructor(subject: string, secret: string) {
    super(`The query of ${subject} holds the secret "${secret}", and what a job on other machines is asked is kept as text beside the lake.`)
    this.hint = `Have it made here: engines: { assets: { ${subject}: duckdb } } in config/<profile>.yaml.`
  }
}
