select ORDER_ID from "SILVER/Orders"

/* lineage
order_id INTEGER <- silver/orders.order_id
*/
