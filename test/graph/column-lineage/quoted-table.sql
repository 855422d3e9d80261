select order_id, status from "silver/orders"

/* lineage
order_id INTEGER <- silver/orders.order_id
status VARCHAR <- silver/orders.status
*/
