import { instantWithin } from './days.ts'
import { CHANNELS, customerId, DAYS_OF_ORDERS, productId, type Population } from './population.ts'
import { Random } from './random.ts'
import { cents } from './text-file.ts'

/** What the warehouse and the message stream both know of an order. */
export interface Order {
  readonly customer: string
  readonly product: string
  readonly at: number
  readonly quantity: number
  readonly unitPrice: number
  readonly discountPercent: number
  readonly tax: number
  readonly shipping: number
  readonly total: number
  readonly currency: string
  readonly channel: string
}

/** Order i, always the same. Every second customer buys; the first of them buy most. */
export function orderAt({ seed, customers, products }: Population, i: number): Order {
  const random = new Random(seed, 'order', i)
  const buyer = 1 + 2 * Math.floor(Math.ceil(customers / 2) * random.fraction() ** 1.5)
  const quantity = random.whole(1, 10)
  const unitPrice = cents(random.between(10, 2_000))
  const discountPercent = random.weighted([[0, 0.43], [5, 0.15], [10, 0.14], [15, 0.14], [20, 0.14]] as const)
  const goods = quantity * unitPrice * (1 - discountPercent / 100)
  const tax = cents(goods * 0.08)
  const shipping = cents(random.between(5, 30))
  return {
    customer: customerId(Math.min(buyer, customers)),
    product: productId(random.whole(0, products - 1)),
    at: instantWithin(random, DAYS_OF_ORDERS),
    quantity, unitPrice, discountPercent, tax, shipping,
    total: cents(goods + tax + shipping),
    currency: random.pick(['USD', 'EUR', 'GBP', 'JPY', 'AUD', 'CAD']),
    channel: random.pick(CHANNELS),
  }
}
