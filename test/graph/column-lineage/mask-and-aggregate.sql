select count(distinct sha256(email)) as people, max(mask_email(email)) as last from "silver/customers"

/* lineage
people BIGINT <- aggregation masked silver/customers.email
last VARCHAR <- aggregation masked silver/customers.email
*/
