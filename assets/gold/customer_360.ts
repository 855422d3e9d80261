import { Asset, Check, Resource, SqlAsset, Upstream, between, decimalOf, expression, masked, primaryKey, sql } from '#framework'
import { Behavior } from '#assets/silver/behavior'
import { CrmAccounts } from '#assets/silver/crm_accounts'
import { CrmContacts } from '#assets/silver/crm_contacts'
import { CrmOpportunities } from '#assets/silver/crm_opportunities'
import { Customers } from '#assets/silver/customers'
import { OrderEvents } from '#assets/silver/order_events'
import { OrdersUsd } from '#assets/silver/orders_usd'
import { UserActions } from '#assets/silver/user_actions'
import { MASKED_EMAIL, MASKED_NAME, MASKED_PHONE } from '#resources/pii/forms'
import { Shown } from '#resources/pii/shown'

/**
 * One row per customer: who they are, what they bought, when we last heard of them, what they may buy. E-mail, phone and name are masked.
 * The CRM's account is the one with the customer's id. Its primary contact is a decision maker before a champion, an influencer and a user;
 * among those the one that was changed last, and then the one with the lowest id. Orders count as in silver/orders_usd. Sums of money are
 * rounded to cents once, at the end. Events are what the customer did on the site and the messages about them, each once; the pipeline is the sum of
 * the opportunities that are open, not weighted by their probability.
 */
@Asset({
  key: 'gold/customer_360',
  checks: [
    primaryKey('customer_id'),
    masked('email', MASKED_EMAIL),
    masked('phone', MASKED_PHONE),
    masked('full_name', MASKED_NAME),
    between('lifetime_value_usd', { min: 0 }, { severity: 'warn' }),
    expression('a customer without orders is worth nothing', sql`total_orders > 0 or lifetime_value_usd = 0`),
  ],
  owners: ['team:sales'],
  tags: ['customer'],
})
export class Customer360 extends SqlAsset {
  @Upstream(() => Customers) readonly customers!: Customers
  @Upstream(() => CrmAccounts) readonly accounts!: CrmAccounts
  @Upstream(() => CrmContacts) readonly contacts!: CrmContacts
  @Upstream(() => CrmOpportunities) readonly opportunities!: CrmOpportunities
  @Upstream(() => OrdersUsd) readonly orders!: OrdersUsd
  @Upstream(() => Behavior) readonly behavior!: Behavior
  @Upstream(() => OrderEvents) readonly messages!: OrderEvents
  @Upstream(() => UserActions) readonly actions!: UserActions
  @Resource(() => Shown) readonly shown!: Shown

  query() {
    return sql`
      with primary_contacts as (
        select account_id, contact_id
        from (
          select
            account_id,
            contact_id,
            row_number() over (
              partition by account_id
              order by
                case contact_role when 'Decision Maker' then 1 when 'Champion' then 2 when 'Influencer' then 3 when 'User' then 4 else 5 end,
                updated_at desc nulls last,
                contact_id
            ) as place
          from ${this.contacts}
        ) as ranked
        where place = 1
      ),
      bought as (
        select
          customer_id,
          count(*) as total_orders,
          sum(amount_usd) as value_usd,
          min(order_date) as first_order_date,
          max(order_date) as last_order_date
        from ${this.orders}
        group by customer_id
      ),
      heard as (
        select customer_id, count(*) as total_events, max(event_ts) as last_event_at
        from (
          select customer_id, event_ts from ${this.behavior}
          union all
          select customer_id, event_ts from ${this.messages}
          union all
          select customer_id, event_ts from ${this.actions} as actions
          where not exists (select 1 from ${this.messages} as messages where messages.event_id = actions.event_id)
        ) as events
        group by customer_id
      ),
      pipeline as (
        select account_id, count(*) as open_opportunities, sum(amount_usd) as pipeline_usd
        from ${this.opportunities}
        where not is_closed
        group by account_id
      )
      select
        customers.customer_id,
        ${this.shown.of(this.customers, ['first_name', 'last_name'], sql`concat_ws(' ', customers.first_name, customers.last_name)`)} as full_name,
        ${this.shown.of(this.customers, 'email', sql`customers.email`)} as email,
        ${this.shown.of(this.customers, 'phone', sql`customers.phone`)} as phone,
        customers.country,
        customers.customer_segment,
        accounts.account_name,
        accounts.industry,
        primary_contacts.contact_id as primary_contact_id,
        coalesce(bought.total_orders, 0) as total_orders,
        cast(coalesce(bought.value_usd, 0) as decimal(18,2)) as lifetime_value_usd,
        ${decimalOf(sql`cast(bought.value_usd as double) / cast(nullif(bought.total_orders, 0) as double)`, 18, 2)} as average_order_usd,
        bought.first_order_date,
        bought.last_order_date,
        coalesce(heard.total_events, 0) as total_events,
        heard.last_event_at,
        coalesce(pipeline.open_opportunities, 0) as open_opportunities,
        cast(coalesce(pipeline.pipeline_usd, 0) as decimal(18,2)) as pipeline_usd
      from ${this.customers} as customers
      left join ${this.accounts} as accounts
        on accounts.account_id = customers.customer_id
      left join primary_contacts
        on primary_contacts.account_id = customers.customer_id
      left join bought
        on bought.customer_id = customers.customer_id
      left join heard
        on heard.customer_id = customers.customer_id
      left join pipeline
        on pipeline.account_id = customers.customer_id`
  }

  @Check()
  everyCustomerIsThere() {
    return sql`select customer_id from ${this.customers} except select customer_id from ${this}`
  }
}
