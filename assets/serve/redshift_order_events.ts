import { Asset, Resource, Upstream } from '#framework'
import { OrderEvents } from '#assets/silver/order_events'
import { Redshift } from '#resources/warehouses/redshift'
import { WarehouseAsset } from '#resources/warehouses/warehouse-asset'

/** EVENTS.ORDER_EVENTS in Redshift: the messages about orders. Rows are added and never changed. */
@Asset({
  key: 'serve/redshift_order_events',
  owners: ['team:web'],
  tags: ['redshift'],
})
export class RedshiftOrderEvents extends WarehouseAsset {
  @Upstream(() => OrderEvents) readonly source!: OrderEvents
  @Resource(() => Redshift) readonly warehouse!: Redshift
  readonly table = { name: 'ORDER_EVENTS', key: ['event_id'], mode: 'append' } as const
  readonly compared = { by: 'topic', sums: ['amount'] }
}
