select mask_email(email) as email, email as raw from "silver/customers"

/* lineage
email VARCHAR <- transformation masked silver/customers.email
raw VARCHAR <- silver/customers.email
*/
