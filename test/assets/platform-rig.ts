import { join } from 'node:path'
import type { RunResult } from '../../framework/execution/run-result.ts'
import { openProject, type Project } from '../../framework/project/project.ts'

export const ROOT = join(import.meta.dirname, '../..')
/** Sets of exports that are no part of the product. */
export const SHARED = join(ROOT, '../shared/data')

/** This project over the lake and the sources of a folder, on the given day of the story: day 1 is 2026-11-23. */
export async function inProject<T>(folder: string, day: number, use: (project: Project) => Promise<T>, sources = join(folder, 'sources')): Promise<T> {
  const project = await openProject({ root: ROOT, lake: join(folder, 'lake'), sources, now: new Date(Date.UTC(2026, 10, 22 + day)) })
  try {
    return await use(project)
  } finally {
    await project.close()
  }
}

/** Makes everything up to gold. */
export const materialize = (folder: string, day: number, sources?: string): Promise<RunResult> =>
  inProject(folder, day, project => project.materialize({ selection: ['+gold/*'] }, { signal: new AbortController().signal, listen: () => undefined }), sources)

/** The steps that were carried out, and whether they came out as they were. */
export const ran = ({ steps }: RunResult): string[] => steps.filter(({ status }) => status === 'materialized').map(({ asset, unchanged }) => (unchanged ? `${asset} (unchanged)` : asset)).sort()
