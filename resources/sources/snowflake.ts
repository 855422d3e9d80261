import { Resource, type SourceFile } from '#framework'
import { Service } from 'typedi'
import { ExportFolder } from './export-folder.ts'

/** What the Snowflake warehouse unloads: customers, orders and products, each as a whole. */
@Service()
export class SnowflakeExports {
  @Resource(() => ExportFolder) readonly folder!: ExportFolder

  customers(): Promise<SourceFile[]> {
    return this.folder.files('snowflake_customers')
  }

  orders(): Promise<SourceFile[]> {
    return this.folder.files('snowflake_orders')
  }

  products(): Promise<SourceFile[]> {
    return this.folder.files('snowflake_products')
  }
}
