/** Where in the author's files a mistake stands. Lines and columns count from 1. */
export interface Place {
  readonly file: string
  readonly line?: number | undefined
  readonly column?: number | undefined
}

/** A mistake that a person can make and mend: what went wrong, where, and what to do about it. */
export abstract class ExplainedError extends Error {
  /** Stable and greppable, `room/what-happened`, as in `graph/cycle`. */
  abstract readonly code: string
  /** The next thing to try, as one sentence. */
  abstract readonly hint: string
  readonly place?: Place | undefined
}

/** Several mistakes found in one look, told together so that nobody mends them one run at a time. */
export class SeveralMistakes extends ExplainedError {
  readonly code: string
  readonly hint: string
  constructor(readonly mistakes: readonly ExplainedError[]) {
    super(mistakes.map(mistake => mistake.message).join('\n'))
    this.code = mistakes[0]!.code
    this.hint = mistakes[0]!.hint
  }
}

/** Throws the mistakes, if there are any: one as itself, more as {@link SeveralMistakes}. */
export function throwMistakes(mistakes: readonly ExplainedError[]): void {
  if (mistakes.length === 1) throw mistakes[0]!
  if (mistakes.length > 1) throw new SeveralMistakes(mistakes)
}

/** `file:line:column`, as editors and terminals link it. */
export const placeInWords = ({ file, line, column }: Place): string => [file, line, line && column].filter(Boolean).join(':')
