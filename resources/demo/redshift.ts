import { instantText, instantWithin } from './days.ts'
import { delivered } from './dirt.ts'
import { behaviorId, COUNTRIES, customerId, DAYS_OF_ORDERS, type Population } from './population.ts'
import { Random } from './random.ts'
import { csv, type TextFile } from './text-file.ts'

/** The analytics cluster's export: what customers did on the site. An event never changes. */
export function redshiftFiles({ seed, behaviors, customers }: Population): TextFile[] {
  return [{ name: 'redshift_behavior.csv', header: BEHAVIOR, lines: () => delivered(seed, 'behaviors', behaviors, { updates: false }, i => behavior(seed, customers, i)) }]
}

const BEHAVIOR = 'behavior_id,customer_id,event_name,event_timestamp,session_id,page_url,referrer,device_type,browser,os,country,city,user_agent,ip_address,duration_seconds,conversion_value,utm_source,utm_medium,utm_campaign,behavior_segment,conversion_probability,journey_stage,engagement_score,session_quality'

function behavior(seed: number, customers: number, i: number): string {
  const random = new Random(seed, 'behavior', i)
  const event = random.pick(['page_view', 'view_product', 'search', 'add_to_cart', 'purchase', 'login'])
  return csv([
    behaviorId(i), customerId(random.whole(1, customers)), event, instantText(instantWithin(random, DAYS_OF_ORDERS)), `SESS-${random.whole(100_000, 999_999)}`,
    `https://example.com/page/${random.whole(1, 100)}`, random.chance(0.3) ? null : `https://referrer${random.whole(0, 9)}.example.com`, random.pick(['desktop', 'mobile', 'tablet']), random.pick(['Chrome', 'Firefox', 'Safari', 'Edge']),
    random.pick(['Windows', 'macOS', 'Linux', 'iOS', 'Android']), random.pick(COUNTRIES), random.chance(0.02) ? null : `City${random.whole(0, 199)}`, `Mozilla/5.0 (${random.pick(['Windows', 'Mac', 'Linux'])})`,
    `192.0.2.${random.whole(1, 254)}`, random.whole(10, 4_000), event === 'purchase' ? random.between(5, 1_000) : '0.0', random.chance(0.4) ? null : random.pick(['google', 'facebook', 'email', 'direct']),
    random.chance(0.4) ? null : random.pick(['cpc', 'organic', 'email', 'social']), random.chance(0.5) ? null : `campaign${random.whole(0, 20)}`, random.pick(['new', 'low_value', 'medium_value', 'high_value']),
    random.fraction(), random.pick(['awareness', 'consideration', 'purchase', 'retention']), random.between(0, 100), random.pick(['low', 'medium', 'high']),
  ])
}
