import { Asset, ORIGIN, SqlAsset, Upstream, append, conform, notNull, primaryKey, type QueryContext } from '#framework'
import { LandingRedshiftBehavior } from '#assets/landing/redshift_behavior'

/** One row per thing that a customer did on the site. Added once and never changed. */
@Asset({
  key: 'bronze/redshift_behavior',
  contract: 'redshift_behavior_bronze',
  write: append({ key: ['event_id'] }),
  checks: [notNull('event_id', { onFail: 'quarantine' }), primaryKey('event_id'), notNull('event_ts', { severity: 'warn' })],
  owners: ['team:web'],
  tags: ['redshift', 'pii'],
})
export class BronzeRedshiftBehavior extends SqlAsset {
  @Upstream(() => LandingRedshiftBehavior) readonly raw!: LandingRedshiftBehavior

  query({ contract }: QueryContext) {
    return conform(this.raw, contract, ORIGIN)
  }
}
