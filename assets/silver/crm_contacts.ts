import { Asset, POSITION, SqlAsset, Upstream, castable, expression, merge, notNull, primaryKey, relationship, sql } from '#framework'
import { BronzeCrmContacts } from '#assets/bronze/crm_contacts'
import { CrmAccounts } from '#assets/silver/crm_accounts'
import { isEmail } from '#resources/pii/forms'
import { tidy, tidyEmail } from '#resources/sql/tidy'

/** One row per person at a company in the CRM, as the newest update tells it. */
@Asset({
  key: 'silver/crm_contacts',
  write: merge({ on: ['contact_id'], newerBy: 'updated_at' }),
  checks: [
    castable(),
    primaryKey('contact_id'),
    notNull('updated_at', { onFail: 'quarantine' }),
    relationship('account_id', () => CrmAccounts, 'account_id', { severity: 'warn' }),
    expression('email is an address', sql`email is null or ${isEmail(sql`email`)}`, { severity: 'warn' }),
  ],
  owners: ['team:crm'],
  tags: ['crm', 'pii'],
})
export class CrmContacts extends SqlAsset {
  @Upstream(() => BronzeCrmContacts) readonly raw!: BronzeCrmContacts
  @Upstream(() => CrmAccounts) readonly accounts!: CrmAccounts

  query() {
    return sql`
      select
        contact_id,
        account_id,
        ${tidy(sql`first_name`)} as first_name,
        ${tidy(sql`last_name`)} as last_name,
        ${tidyEmail(sql`email`)} as email,
        ${tidy(sql`phone`)} as phone,
        ${tidy(sql`mobile_phone`)} as mobile_phone,
        title,
        department,
        contact_role,
        contact_level,
        lead_source,
        mailing_city,
        mailing_state,
        mailing_country,
        do_not_call,
        has_opted_out_of_email,
        engagement_score,
        owner_id,
        created_date as created_at,
        last_modified_date as updated_at,
        _cast_failed,
        ${POSITION}
      from ${this.raw}`
  }
}
