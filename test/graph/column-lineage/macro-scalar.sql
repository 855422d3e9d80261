select initials(name, email) as who from "silver/customers"

/* lineage
who VARCHAR <- transformation silver/customers.email, transformation silver/customers.name
*/
