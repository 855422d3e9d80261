import { instantText, instantWithin } from './days.ts'
import { delivered } from './dirt.ts'
import { orderAt } from './order.ts'
import { customerId, DAYS_OF_MESSAGES, orderId, type Population } from './population.ts'
import { Random } from './random.ts'
import { csv, type TextFile } from './text-file.ts'

/** Of each topic its export: nine in ten messages tell of an order, the others of what a user did. A message may be delivered twice. */
export const kafkaFiles = (population: Population): TextFile[] => [exportOf(population, 'orders_events', 'kafka_events.csv'), exportOf(population, 'user_actions', 'kafka_user_actions.csv')]

function exportOf(population: Population, topic: Topic, name: string): TextFile {
  const { seed, messages } = population
  return {
    name,
    header: 'event_id,topic,partition,offset,timestamp,key,value,headers',
    * lines() {
      const offsets = new Map<number, number>()
      for (const line of delivered(seed, 'messages', messages, { updates: false }, i => message(population, i, topic, offsets))) if (line !== OTHER_TOPIC) yield line
    },
  }
}

type Topic = 'orders_events' | 'user_actions'
const OTHER_TOPIC = ''

const HEADERS = JSON.stringify({ 'content-type': 'application/json', source: 'kafka-producer', version: '1.0' })
const PARTITIONS = 6

/** `offsets` counts the messages of each partition on the way. */
function message(population: Population, i: number, topic: Topic, offsets: Map<number, number>): string {
  const random = new Random(population.seed, 'message', i)
  if (topic !== (random.chance(0.9) ? 'orders_events' : 'user_actions')) return OTHER_TOPIC
  const partition = random.whole(0, PARTITIONS - 1)
  const offset = offsets.get(partition) ?? 0
  offsets.set(partition, offset + 1)
  const recent = instantWithin(random, DAYS_OF_MESSAGES)
  const value = topic === 'orders_events' ? orderEvent(population, random, recent) : userAction(population, random, recent)
  return csv([`KAFKA-${uuid(random)}`, topic, partition, offset, value.event_ts, `KEY-${random.whole(100_000, 999_999)}`, JSON.stringify(value), HEADERS])
}

function orderEvent(population: Population, random: Random, recent: number) {
  const i = random.whole(1, population.orders)
  const { customer, at, total, currency, channel } = orderAt(population, i)
  return {
    order_id: orderId(i),
    customer_id: customer,
    event_type: random.pick(['ORDER_CREATED', 'PAYMENT_AUTHORIZED', 'PAYMENT_CAPTURED', 'SHIPPED', 'DELIVERED', 'CANCELLED']),
    event_ts: instantText(Math.max(at, recent)),
    amount: total,
    currency,
    channel,
    metadata: { source: channel === 'MOBILE' ? 'mobile_app' : 'web_app', version: '2.1.0', session_id: `SESS-${random.whole(100_000, 999_999)}` },
  }
}

function userAction({ customers }: Population, random: Random, recent: number) {
  const mobile = random.chance(0.4)
  return {
    customer_id: customerId(random.whole(1, customers)),
    event_type: random.pick(['LOGIN', 'LOGOUT', 'WISHLIST_ADDED', 'REVIEW_WRITTEN', 'PROFILE_CHANGED']),
    event_ts: instantText(recent),
    channel: mobile ? 'MOBILE' : 'WEB',
    metadata: { source: mobile ? 'mobile_app' : 'web_app', version: '2.1.0', session_id: `SESS-${random.whole(100_000, 999_999)}` },
  }
}

function uuid(random: Random): string {
  const hex = Array.from({ length: 4 }, () => random.bits().toString(16).padStart(8, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
}
