import type { CheckResult } from '../../vocabulary/check-result.ts'
import { Facets, type Facet } from './openlineage-facets.ts'

/** A job of a run, as its children point to it. */
export interface JobRun {
  readonly runId: string
  readonly namespace: string
  readonly name: string
}

/** The facets of OpenLineage that tell of what happened: in a run, to a job, to a table. */
export class RunFacets extends Facets {
  parent(parent: JobRun, root: JobRun): Facet {
    const told = ({ runId, namespace, name }: JobRun) => ({ run: { runId }, job: { namespace, name } })
    return this.facet('1-2-0/ParentRunFacet', { ...told(parent), root: told(root) })
  }

  processingEngine(name: string, version: string, adapter: string): Facet {
    return this.facet('1-1-1/ProcessingEngineRunFacet', { name, version, openlineageAdapterVersion: adapter })
  }

  /** What time the work is about. The end is exclusive. */
  nominalTime(from: string, to?: string): Facet {
    return this.facet('1-0-1/NominalTimeRunFacet', { nominalStartTime: from, ...(to !== undefined && { nominalEndTime: to }) })
  }

  errorMessage(message: string, programmingLanguage: string): Facet {
    return this.facet('1-0-1/ErrorMessageRunFacet', { message, programmingLanguage })
  }

  test(results: readonly CheckResult[]): Facet {
    return this.facet('1-0-1/TestRunFacet', {
      tests: results.map(result => ({ name: result.check, status: result.passed ? 'pass' : 'fail', severity: result.severity, type: result.proof, expected: '0', actual: String(result.failingRows) })),
    })
  }

  sql(query: string): Facet {
    return this.facet('1-1-0/SQLJobFacet', { query, dialect: 'duckdb' })
  }

  jobDocumentation(description: string): Facet {
    return this.facet('1-1-0/DocumentationJobFacet', { description, contentType: 'text/markdown' })
  }

  jobOwnership(owners: readonly string[]): Facet {
    return this.facet('1-0-1/OwnershipJobFacet', { owners: owners.map(owner) })
  }

  datasetOwnership(owners: readonly string[]): Facet {
    return this.facet('1-0-1/OwnershipDatasetFacet', { owners: owners.map(owner) })
  }

  jobTags(tags: readonly string[]): Facet {
    return this.facet('1-0-0/TagsJobFacet', { tags: tags.map(tag => ({ key: tag, value: 'true', source: 'VARVE' })) })
  }

  version(version: number): Facet {
    return this.facet('1-0-1/DatasetVersionDatasetFacet', { datasetVersion: String(version) })
  }

  lifecycleStateChange(change: 'CREATE' | 'OVERWRITE'): Facet {
    return this.facet('1-0-1/LifecycleStateChangeDatasetFacet', { lifecycleStateChange: change })
  }

  outputStatistics(rowCount: number, staged: { readonly files: number; readonly bytes: number } | undefined): Facet {
    return this.facet('1-0-2/OutputStatisticsOutputDatasetFacet', { rowCount, ...(staged && { size: staged.bytes, fileCount: staged.files }) })
  }

  /** Of each check what came of it: how many rows break it, never which. */
  dataQualityAssertions(results: readonly CheckResult[], columnOf: (check: string) => string | undefined): Facet {
    return this.facet('1-1-0/DataQualityAssertionsDatasetFacet', {
      assertions: results.map(result => {
        const column = columnOf(result.check)
        return { assertion: result.check, success: result.passed, severity: result.severity, expected: '0', actual: String(result.failingRows), ...(column !== undefined && { column }) }
      }),
    })
  }

  /** `nulls` by column, as the checks counted them. */
  dataQualityMetrics(rowCount: number, staged: { readonly files: number; readonly bytes: number } | undefined, nulls: ReadonlyMap<string, number>): Facet {
    return this.facet('1-0-3/DataQualityMetricsInputDatasetFacet', {
      rowCount,
      ...(staged && { bytes: staged.bytes, fileCount: staged.files }),
      columnMetrics: Object.fromEntries([...nulls].map(([column, nullCount]) => [column, { nullCount }])),
    })
  }
}

/** `team:crm` is the team crm. */
function owner(text: string): { readonly name: string; readonly type?: string } {
  const [, type] = /^(\w+):/.exec(text) ?? []
  return { name: text, ...(type !== undefined && { type }) }
}
