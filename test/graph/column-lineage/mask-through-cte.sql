with x as (select customer_id, mask_email(email) as e from "silver/customers") select upper(e) as e, customer_id from x

/* lineage
e VARCHAR <- transformation masked silver/customers.email
customer_id INTEGER <- silver/customers.customer_id
*/
