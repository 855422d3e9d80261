import type { CommandModule } from './command.ts'

/** What `varve --help` knows of a command. The rest is loaded when it is called. */
export interface CommandEntry {
  /** Its words: `['config', 'check']`. */
  readonly path: readonly string[]
  readonly summary: string
  readonly group: string
  load(): Promise<CommandModule>
}

const MAKE = 'Make tables:'
const LOOK = 'Look at what there is:'
const KEEP = 'Set up and keep in order:'

/** All commands, in the order that help lists them. */
export const commands: readonly CommandEntry[] = [
  { path: ['plan'], group: MAKE, summary: 'say what would be written, and why', load: () => import('./commands/plan.ts') },
  { path: ['materialize'], group: MAKE, summary: 'write what is not fresh', load: () => import('./commands/materialize.ts') },
  { path: ['backfill'], group: MAKE, summary: 'write slices: a range of time, or by name', load: () => import('./commands/backfill.ts') },
  { path: ['retry'], group: MAKE, summary: 'do what a run left undone', load: () => import('./commands/retry.ts') },
  { path: ['daemon'], group: MAKE, summary: 'keep schedules and conditions, and watch freshness', load: () => import('./commands/daemon.ts') },
  { path: ['quarantine', 'release'], group: MAKE, summary: 'run rows again that broke a rule', load: () => import('./commands/quarantine-release.ts') },
  { path: ['stream', 'replay'], group: MAKE, summary: 'read a topic again', load: () => import('./commands/stream-replay.ts') },
  { path: ['list'], group: LOOK, summary: 'list assets', load: () => import('./commands/list.ts') },
  { path: ['status'], group: LOOK, summary: 'tell which assets are fresh, and why the others are not', load: () => import('./commands/status.ts') },
  { path: ['freshness'], group: LOOK, summary: 'tell which assets are new enough, until when, and what holds the others back', load: () => import('./commands/freshness.ts') },
  { path: ['check'], group: LOOK, summary: 'hold the checks against tables as they are, or as they were', load: () => import('./commands/check.ts') },
  { path: ['why'], group: LOOK, summary: 'tell how an asset\'s condition came to ask for it, or not', load: () => import('./commands/why.ts') },
  { path: ['history'], group: LOOK, summary: 'list the versions of a table', load: () => import('./commands/history.ts') },
  { path: ['runs'], group: LOOK, summary: 'list runs, or tell what one did', load: () => import('./commands/runs.ts') },
  { path: ['runs', 'costs'], group: LOOK, summary: 'tell what jobs on other machines cost, by asset and day', load: () => import('./commands/runs-costs.ts') },
  { path: ['query'], group: LOOK, summary: 'read tables with SQL', load: () => import('./commands/query.ts') },
  { path: ['show'], group: LOOK, summary: 'show the first rows of a table', load: () => import('./commands/show.ts') },
  { path: ['lineage'], group: LOOK, summary: 'tell what is made of what', load: () => import('./commands/lineage.ts') },
  { path: ['table'], group: LOOK, summary: 'look at any Delta table by its folder', load: () => import('./commands/table.ts') },
  { path: ['quarantine', 'list'], group: LOOK, summary: 'tell how many rows broke which rule', load: () => import('./commands/quarantine-list.ts') },
  { path: ['quarantine', 'show'], group: LOOK, summary: 'show rows that broke a rule', load: () => import('./commands/quarantine-show.ts') },
  { path: ['pii', 'audit'], group: LOOK, summary: 'tell what became of personal data in masked columns', load: () => import('./commands/pii-audit.ts') },
  { path: ['reconcile'], group: LOOK, summary: 'compare warehouses with the lake', load: () => import('./commands/reconcile.ts') },
  { path: ['init'], group: KEEP, summary: 'make a new project', load: () => import('./commands/init.ts') },
  { path: ['doctor'], group: KEEP, summary: 'say what is missing on this machine, or for a profile', load: () => import('./commands/doctor.ts') },
  { path: ['config', 'check'], group: KEEP, summary: 'validate configuration, contracts and assets', load: () => import('./commands/config-check.ts') },
  { path: ['schema', 'draft'], group: KEEP, summary: 'draft the contract of a file', load: () => import('./commands/schema-draft.ts') },
  { path: ['schema', 'diff'], group: KEEP, summary: 'tell what contracts changed, and whether that breaks readers', load: () => import('./commands/schema-diff.ts') },
  { path: ['demo', 'generate'], group: KEEP, summary: 'write export files of five invented source systems', load: () => import('./commands/demo-generate.ts') },
  { path: ['partitions', 'add'], group: KEEP, summary: 'register slices of dynamic partitions', load: () => import('./commands/partitions-add.ts') },
  { path: ['optimize'], group: KEEP, summary: 'pack small files of tables', load: () => import('./commands/optimize.ts') },
  { path: ['vacuum'], group: KEEP, summary: 'take away files that no version needs any more', load: () => import('./commands/vacuum.ts') },
  { path: ['lifecycle'], group: KEEP, summary: 'move old raw batches in a bucket to cheaper storage', load: () => import('./commands/lifecycle.ts') },
  { path: ['application'], group: KEEP, summary: 'make the application of EMR Serverless what the profile says', load: () => import('./commands/application.ts') },
  { path: ['dr', 'verify'], group: KEEP, summary: 'tell up to which version a copy of the lake can be read', load: () => import('./commands/dr-verify.ts') },
  { path: ['runs', 'prune'], group: KEEP, summary: 'drop what is recorded of old runs', load: () => import('./commands/runs-prune.ts') },
  { path: ['state', 'rebuild'], group: KEEP, summary: 'restore the state from the lake\'s commits', load: () => import('./commands/state-rebuild.ts') },
]
