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
  // What the daemon goes on from after a restart.
  `
  create table looks (asset text primary key, at text not null) without rowid;
  create table cursors (name text primary key, cursor text not null) without rowid;

  create table requests (
    seq integer primary key autoincrement,
    id text not null unique,
    at text not null,
    is_open integer not null,
    request text not null
  );
  create index open_requests on requests (seq) where is_open = 1;

  create table schedule_ticks (
    schedule text not null,
    tick text not null,
    status text not null,
    at text not null,
    primary key (schedule, tick)
  ) without rowid;

  create table condition_traces (
    seq integer primary key autoincrement,
    asset text not null,
    at text not null,
    requested text,
    trace text not null
  );
  create index traces_by_asset on condition_traces (asset, seq);

  create table incidents (
    id text primary key,
    subject text not null,
    opened_at text not null,
    is_open integer not null,
    record text not null
  ) without rowid;
  create unique index open_incidents on incidents (subject) where is_open = 1;

  create table deliveries (
    id integer primary key autoincrement,
    channel text not null,
    alert text not null,
    attempts integer not null,
    next_at text not null,
    done_at text,
    error text
  );
  create index undelivered on deliveries (id) where done_at is null;

  create index materializations_by_time on materializations (asset, at);
  `,
  // Lakes may lie side by side in one folder: a file says whose it is.
  `
  create table lake (name text not null);
  `,
  // What a check found of each version, and which checks were held against a version that was there before them.
  `
  create table check_history (
    asset text not null,
    name text not null,
    table_version integer not null,
    run text not null,
    at text not null,
    result text not null,
    primary key (asset, name, table_version)
  ) without rowid;
  insert into check_history select asset, name, table_version, run, at, result from checks where table_version is not null group by asset, name, table_version;
  create table held_checks (asset text primary key, table_version integer not null, checks text not null) without rowid;
  `,
  // Jobs on other machines, with what is known of them last: bills come after runs have ended.
  `
  create table jobs (
    engine text not null,
    id text not null,
    run text not null,
    asset text not null,
    partition text not null,
    at text not null,
    facts text not null,
    primary key (engine, id)
  ) without rowid;
  create index jobs_by_time on jobs (at);
  `,
]
