/** Chance that repeats itself: equal seed, stream and index give equal draws, in whatever order the rows are made. */
export class Random {
  #state: number

  constructor(seed: number, stream: string, index = 0) {
    let hash = mix(seed | 0)
    for (let i = 0; i < stream.length; i += 1) hash = mix(hash ^ stream.charCodeAt(i))
    this.#state = mix(mix(hash ^ (index | 0)) ^ Math.floor(index / 2 ** 32))
  }

  /** 32 random bits, by splitmix32 (a Weyl sequence through murmur3's finalizer). */
  bits(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0
    return mix(this.#state) >>> 0
  }

  /** In [0, 1). */
  fraction(): number {
    return this.bits() / 2 ** 32
  }

  chance(probability: number): boolean {
    return this.fraction() < probability
  }

  /** A whole number, both ends included. */
  whole(min: number, max: number): number {
    return min + Math.floor(this.fraction() * (max - min + 1))
  }

  between(min: number, max: number): number {
    return min + this.fraction() * (max - min)
  }

  pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.fraction() * choices.length)]!
  }

  /** A choice by its share; the shares add up to 1. */
  weighted<T>(choices: readonly (readonly [T, number])[]): T {
    let left = this.fraction()
    for (const [choice, share] of choices) if ((left -= share) < 0) return choice
    return choices.at(-1)![0]
  }
}

function mix(bits: number): number {
  let z = bits
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
  return z ^ (z >>> 16)
}
