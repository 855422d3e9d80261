/** Does at once what is asked for within one turn of the event loop: a hundred steps that begin together cost the state one transaction. */
export class Gathering<Question, Answer> {
  readonly #answer: (questions: readonly Question[]) => readonly Answer[]
  #waiting: Asked<Question, Answer>[] = []

  /** @param answer answers all, in their order; what it throws is thrown to each who asked */
  constructor(answer: (questions: readonly Question[]) => readonly Answer[]) {
    this.#answer = answer
  }

  add(question: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.push({ question, resolve, reject }) === 1) setImmediate(() => this.#answerAll())
    })
  }

  #answerAll(): void {
    const asked = this.#waiting
    this.#waiting = []
    try {
      const answers = this.#answer(asked.map(({ question }) => question))
      for (const [i, { resolve }] of asked.entries()) resolve(answers[i]!)
    } catch (error) {
      for (const { reject } of asked) reject(error)
    }
  }
}

interface Asked<Question, Answer> {
  readonly question: Question
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}
