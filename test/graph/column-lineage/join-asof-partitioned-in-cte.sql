with quotes as (select currency, valid_from, rate from "silver/rates" where rate > 0) select o.order_id, o.shipping * q.rate as shipping
from "silver/orders" o asof
left join quotes q on o.currency = q.currency and o.ordered_at >= q.valid_from

/* lineage
order_id INTEGER <- silver/orders.order_id
shipping DECIMAL(18,8) <- transformation silver/orders.shipping, transformation silver/rates.rate
rows
  filter: silver/rates.rate
  join: silver/orders.currency
  join: silver/orders.ordered_at
  join: silver/rates.currency
  join: silver/rates.valid_from
*/
