import { days, dayText, instantAfter, instantText, instantWithin } from './days.ts'
import { delivered, DIRT, type RowState } from './dirt.ts'
import { orderAt } from './order.ts'
import { email, personName, phone } from './people.ts'
import { CATEGORIES, COUNTRIES, customerId, DAYS_OF_CRM, LAST_DAY, orderId, productId, SEGMENTS, type Population } from './population.ts'
import { Random } from './random.ts'
import { cents, csv, type TextFile } from './text-file.ts'

/** The warehouse's exports: customers, orders, products. Each is the whole table, every time. */
export function snowflakeFiles(population: Population): TextFile[] {
  const { seed, customers, orders, products } = population
  const updates = { updates: true }
  return [
    { name: 'snowflake_customers.csv', header: CUSTOMER, lines: () => delivered(seed, 'customers', customers, updates, (i, state) => customer(seed, i, state)) },
    { name: 'snowflake_orders.csv', header: ORDER, lines: () => delivered(seed, 'orders', orders, updates, (i, state) => order(population, i, state)) },
    { name: 'snowflake_products.csv', header: PRODUCT, lines: () => delivered(seed, 'products', products, updates, (i, state) => product(seed, i - 1, state)) },
  ]
}

const CUSTOMER = 'customer_id,first_name,last_name,email,phone,address,city,state,country,zip_code,registration_date,gender,age,customer_segment,lifetime_value,last_purchase_date,total_orders,preferred_channel,created_at,updated_at,source_system,ingestion_timestamp,estimated_clv'
const ORDER = 'order_id,customer_id,product_id,order_date,order_timestamp,quantity,unit_price,total_amount,currency,payment_method,shipping_method,status,op,is_deleted,shipping_address,billing_address,discount_percent,tax_amount,shipping_cost,promo_code,sales_rep_id,channel,created_at,updated_at,source_system,ingestion_timestamp,order_month,order_quarter,order_year,order_segment,customer_order_count,fulfillment_days,loyalty_tier'
const PRODUCT = 'product_id,sku,product_name,category,subcategory,brand,price_usd,cost_usd,weight_kg,dimensions,color,size,active,stock_quantity,reorder_level,supplier_id,created_at,updated_at,source_system,ingestion_timestamp,rating,review_count,in_stock'

const EXTRACTED_AT = `${LAST_DAY} 23:47:34.730564`
const STATES = ['CA', 'NY', 'TX', 'FL', 'IL', 'PA', 'OH', 'GA'] as const

/** The state before was updated some days earlier; a rival claims the very same stamp. */
const stampOf = (updated: number, state: RowState): number => (state === 'before' ? updated - days(3) : updated)

function customer(seed: number, i: number, state: RowState): string {
  const random = new Random(seed, 'customer', i)
  const name = personName(random)
  const registered = instantWithin(random, DAYS_OF_CRM)
  const created = instantAfter(random, registered)
  const updated = instantAfter(random, created)
  const segment = random.pick(SEGMENTS)
  return csv([
    customerId(i), name.first, name.last, email(random, `customer${i}`, random.pick(['example.com', 'mail.example.org', 'example.net'])), phone(random, (a, b, c) => `${a}.${b}.${c}`),
    random.chance(0.05) ? null : `${random.whole(1, 9_999)} Customer St`, random.chance(0.02) ? null : `City${i % 200}`, random.pick(STATES), random.pick(COUNTRIES), String(random.whole(10_000, 99_999)),
    dayText(registered), random.pick(['F', 'M', 'Other']), random.whole(18, 80), state === 'now' ? segment : 'UNKNOWN', random.between(100, 100_000),
    random.chance(0.1) ? null : dayText(instantAfter(random, registered)), random.whole(0, 99), random.pick(['Email', 'Phone', 'SMS', 'Web']), instantText(created), instantText(stampOf(updated, state)),
    'snowflake', EXTRACTED_AT, random.between(100, 100_000),
  ])
}

function order(population: Population, i: number, state: RowState): string {
  const { customer, product, at, quantity, unitPrice, discountPercent, tax, shipping, total, currency, channel } = orderAt(population, i)
  const random = new Random(population.seed, 'order as the warehouse keeps it', i)
  const now = random.weighted([['COMPLETED', 0.6], ['SHIPPED', 0.2], ['PENDING', 0.15], ['CANCELLED', 0.05]] as const)
  const status = state === 'now' ? now : 'PENDING'
  const deleted = random.chance(DIRT.deletedOrders) && state === 'now'
  const updated = instantAfter(random, at)
  const [year, month] = dayText(at).split('-').map(Number) as [number, number]
  return csv([
    orderId(i), customer, product, dayText(at), instantText(at), quantity, unitPrice, total, currency, random.pick(['CREDIT_CARD', 'DEBIT_CARD', 'BANK_TRANSFER', 'PAYPAL']), random.pick(['GROUND', '2_DAY', 'OVERNIGHT']),
    status, deleted ? 'DELETE' : state === 'before' ? 'INSERT' : 'UPDATE', deleted, random.chance(0.05) ? null : `${random.whole(1, 9_999)} Order St`, random.chance(0.05) ? null : `${random.whole(1, 9_999)} Billing St`,
    discountPercent, tax, shipping, random.chance(0.05) ? null : `PROMO${String(random.whole(1, 500)).padStart(3, '0')}`, `REP-${String(random.whole(1, 200)).padStart(4, '0')}`, channel,
    instantText(at), instantText(stampOf(updated, state)), 'snowflake', EXTRACTED_AT, month, Math.ceil(month / 3), year, total >= 1_000 ? 'high_value' : total >= 200 ? 'mid_value' : 'low_value', random.whole(1, 48),
    status === 'PENDING' || status === 'CANCELLED' ? null : random.whole(1, 14), random.chance(DIRT.loyaltyTiers) ? random.pick(['GOLD', 'SILVER', 'BRONZE']) : null,
  ])
}

function product(seed: number, i: number, state: RowState): string {
  const random = new Random(seed, 'product', i)
  const category = random.pick(CATEGORIES)
  const created = instantWithin(random, DAYS_OF_CRM)
  const stock = random.chance(0.25) ? 0 : random.whole(1, 1_000)
  const active = random.chance(0.75)
  return csv([
    productId(i), `SKU-${String(i).padStart(8, '0')}`, `Product ${i} - ${category}`, category, `${category}_sub_${i % 10}`, `Brand${i % 50}`, cents(random.between(10, 2_000)), cents(random.between(5, 1_000)),
    cents(random.between(0.1, 20)), `${random.whole(10, 99)}x${random.whole(10, 99)}x${random.whole(1, 50)}`, random.pick(['red', 'blue', 'green', 'black', 'white', 'yellow']), random.pick(['XS', 'S', 'M', 'L', 'XL']),
    state === 'now' ? active : true, stock, random.whole(10, 200), `SUP-${String(random.whole(1, 2_000)).padStart(5, '0')}`, dayText(created), dayText(stampOf(instantAfter(random, created), state)), 'snowflake', EXTRACTED_AT,
    Math.round(random.between(1, 5) * 10) / 10, random.whole(0, 5_000), stock > 0,
  ])
}
