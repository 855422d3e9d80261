import { Asset, Resource, Upstream } from '#framework'
import { BehaviorEvents } from '#assets/gold/behavior_events'
import { Redshift } from '#resources/warehouses/redshift'
import { WarehouseAsset } from '#resources/warehouses/warehouse-asset'

/** EVENTS.BEHAVIOR_EVENTS in Redshift: what customers did on the site. Rows are added and never changed. */
@Asset({
  key: 'serve/redshift_behavior_events',
  owners: ['team:web'],
  tags: ['redshift'],
})
export class RedshiftBehaviorEvents extends WarehouseAsset {
  @Upstream(() => BehaviorEvents) readonly source!: BehaviorEvents
  @Resource(() => Redshift) readonly warehouse!: Redshift
  readonly table = { name: 'BEHAVIOR_EVENTS', key: ['event_id'], mode: 'append' } as const
  readonly compared = { by: 'event_date', sums: ['conversion_value_usd'] }
}
