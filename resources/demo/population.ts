/** How many rows each table has, how they refer to each other, and when it all happens. */
export interface Population {
  readonly seed: number
  readonly customers: number
  readonly accounts: number
  readonly accountsWithContacts: number
  readonly contacts: number
  readonly opportunities: number
  readonly products: number
  readonly orders: number
  readonly behaviors: number
  readonly messages: number
}

/** In the proportions of a company with 50,000 customers, of whom three in five are known to the CRM. */
export function populationOf(customers: number, seed: number): Population {
  const share = (of50000: number) => Math.max(1, Math.round((customers * of50000) / 50_000))
  return {
    seed,
    customers,
    accounts: share(30_153),
    accountsWithContacts: share(22_557),
    contacts: share(45_000),
    opportunities: share(20_000),
    products: share(10_000),
    orders: share(100_000),
    behaviors: share(50_000),
    messages: share(100_000),
  }
}

/** The last day of the invented history. Orders, rates and events fill the two years before it, the CRM five. */
export const LAST_DAY = '2026-11-22'
export const DAYS_OF_ORDERS = 730
export const DAYS_OF_CRM = 1_826
export const DAYS_OF_MESSAGES = 120

export const customerId = (i: number): string => `CUST-${String(i).padStart(6, '0')}`
export const contactId = (i: number): string => `CONT-${String(i).padStart(8, '0')}`
export const opportunityId = (i: number): string => `OPP-${String(i).padStart(8, '0')}`
export const orderId = (i: number): string => `ORD-${String(i).padStart(8, '0')}`
export const productId = (i: number): string => `PROD-${String(i).padStart(6, '0')}`
export const behaviorId = (i: number): string => `BEH-${String(i).padStart(8, '0')}`

export const COUNTRIES = ['US', 'CA', 'GB', 'DE', 'FR', 'AU', 'IN', 'CN', 'JP', 'BR'] as const
export const SEGMENTS = ['ENTERPRISE', 'MIDMARKET', 'SMB', 'PUBLIC', 'UNKNOWN'] as const
export const CHANNELS = ['WEB', 'MOBILE', 'CALL_CENTER', 'PARTNER'] as const
export const CATEGORIES = ['Electronics', 'Clothing', 'Books', 'Home', 'Food', 'Automotive', 'Sports', 'Toys'] as const
