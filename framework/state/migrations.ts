/** How the state file comes to its newest form, a step for each form there was. Only ever added to. */
export const migrations: readonly string[] = [
  `
  create table runs (
    run text primary key,
    started_at text not null,
    summary text not null
  ) without rowid;
  create index runs_by_time on runs (started_at);

  create table events (
    seq integer primary key autoincrement,
    run text not null,
    event text not null
  );
  create index events_by_run on events (run, seq);

  create table materializations (
    asset text not null,
    partition text not null,
    table_version integer not null,
    at text not null,
    is_newest integer not null,
    record text not null,
    primary key (asset, partition, table_version, at)
  ) without rowid;
  create unique index newest_materializations on materializations (asset, partition) where is_newest = 1;

  create table checks (
    asset text not null,
    partition text not null,
    name text not null,
    run text not null,
    at text not null,
    table_version integer,
    result text not null,
    primary key (asset, partition, name)
  ) without rowid;

  create table leases (
    resource text primary key,
    holder text not null,
    fence integer not null,
    until integer not null,
    ttl_ms integer not null
  ) without rowid;
  create table fences (last integer not null);
  insert into fences values (0);
  `,
  // Which slices an asset has, and how each was made, is in its ledger, as ranges: a row for every slice would be read at every plan.
  `
  drop index newest_materializations;
  update materializations set is_newest = 0 where is_newest = 1 and exists (
    select 1 from materializations as other where other.asset = materializations.asset and other.is_newest = 1
      and (other.table_version, other.at, other.partition) > (materializations.table_version, materializations.at, materializations.partition)
  );
  create unique index newest_of_asset on materializations (asset) where is_newest = 1;
  create index materializations_by_version on materializations (asset, table_version);
  create table ledgers (asset text primary key, ledger text not null) without rowid;
  `,
]
