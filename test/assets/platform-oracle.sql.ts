/**
 * What the gold tables must say, worked out from the exports alone by SQL that shares nothing with the assets: other joins, other
 * functions, other steps. Reads views named by the files' stems with every value as text; the stem of an absent file is an empty view.
 */
export const ORACLE = `
create or replace macro when_(t) as coalesce(try_strptime(t, ['%Y-%m-%d', '%Y-%m-%d %H:%M:%S', '%Y-%m-%d %H:%M:%S.%f', '%Y-%m-%dT%H:%M:%SZ', '%m/%d/%Y %H:%M']), null);

-- Of the lines of one key those with the latest stamp remain; where they differ, the least value of the first column that differs.
create or replace table o_customers as
  select distinct on (customer_id) * from snowflake_customers
  where (customer_id, when_(updated_at)) in (select (customer_id, max(when_(updated_at))) from snowflake_customers group by customer_id)
  order by customer_id, customer_segment;
create or replace table o_orders as
  select distinct on (order_id) * from snowflake_orders
  where (order_id, when_(updated_at)) in (select (order_id, max(when_(updated_at))) from snowflake_orders group by order_id)
  order by order_id, status, op;
create or replace table o_accounts as
  select distinct on ("Id") * from crm_accounts
  where ("Id", when_("LastModifiedDate")) in (select ("Id", max(when_("LastModifiedDate"))) from crm_accounts group by "Id")
  order by "Id";
create or replace table o_contacts as
  select distinct on ("Id") * from crm_contacts
  where ("Id", when_("LastModifiedDate")) in (select ("Id", max(when_("LastModifiedDate"))) from crm_contacts group by "Id")
  order by "Id";
create or replace table o_opportunities as
  select distinct on ("Id") * from crm_opportunities
  where ("Id", when_("LastModifiedDate")) in (select ("Id", max(when_("LastModifiedDate"))) from crm_opportunities group by "Id")
  order by "Id", "StageName";

create or replace table o_rates as
  select day, quote, arg_min(rate, rank) as rate
  from (
    select trade_date::date as day, quote_ccy as quote, fx_rate::double as rate, 1 as rank from fx_rates
    union all
    select date::date, target_currency, exchange_rate::double, 2 from fx_rates_historical
  )
  group by day, quote;
create or replace table o_sales as
  select o.customer_id, o.product_id, o.order_date::date as day, o.quantity::bigint as quantity,
    o.total_amount::double / if(o.currency = 'USD', 1, r.rate) as usd
  from o_orders o asof left join o_rates r on o.currency = r.quote and o.order_date::date >= r.day
  where o.status != 'CANCELLED' and o.is_deleted = 'False' and (o.currency = 'USD' or o.order_date::date - r.day <= 3);

create or replace table o_events as
  select behavior_id as id, any_value(customer_id) as customer_id, any_value(event_timestamp)::timestamp as happened from redshift_behavior group by behavior_id
  union all
  select event_id, any_value(value ->> '$.customer_id'), any_value(value ->> '$.event_ts')::timestamp from (from kafka_events union all from kafka_user_actions) group by event_id;

create or replace table o_customer_360 as
  select c.customer_id, c.country, c.customer_segment,
    trim(regexp_replace(a."Name", ' +', ' ', 'g')) as account_name, a."Industry" as industry,
    (select k."Id" from o_contacts k where k."AccountId" = c.customer_id
      order by list_position(['Decision Maker', 'Champion', 'Influencer', 'User'], k."ContactRole"), when_(k."LastModifiedDate") desc, k."Id" limit 1) as primary_contact_id,
    (select count(*) from o_sales s where s.customer_id = c.customer_id) as total_orders,
    (select coalesce(sum(usd), 0) from o_sales s where s.customer_id = c.customer_id) as lifetime_value_usd,
    (select avg(usd) from o_sales s where s.customer_id = c.customer_id) as average_order_usd,
    (select min(day) from o_sales s where s.customer_id = c.customer_id) as first_order_date,
    (select max(day) from o_sales s where s.customer_id = c.customer_id) as last_order_date,
    (select count(*) from o_events e where e.customer_id = c.customer_id) as total_events,
    (select max(happened) from o_events e where e.customer_id = c.customer_id) as last_event_at,
    (select count(*) from o_opportunities p where p."AccountId" = c.customer_id and p."IsClosed" = 'False') as open_opportunities,
    (select coalesce(sum(p."Amount"::decimal(18,2)), 0) from o_opportunities p where p."AccountId" = c.customer_id and p."IsClosed" = 'False') as pipeline_usd
  from o_customers c left join o_accounts a on a."Id" = c.customer_id;

create or replace table o_product_perf_daily as
  select day as date, product_id, count(*) as order_count, sum(quantity) as total_quantity, sum(usd) as revenue_usd, avg(usd) as average_order_usd, len(list_distinct(list(customer_id))) as unique_customers
  from o_sales group by all;
`
