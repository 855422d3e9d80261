// What must not compile. Each `@ts-expect-error` stands above a mistake that an author can make.
import { Asset, Check, ExternalAsset, FileAsset, Resource, RowAsset, SparkAsset, SqlAsset, Upstream, merge, notNull, sql } from '#framework'

@Asset({ key: 'silver/orders' })
class Orders extends SqlAsset {
  query() {
    return sql`select 1 as order_id`
  }
}

@Asset({ key: 'silver/customers' })
class Customers extends SqlAsset {
  readonly onlyOfCustomers = true
  query() {
    return sql`select 1 as customer_id`
  }
}

class ShopApi {
  fetch(): number {
    return 1
  }
}

class Mistakes extends SqlAsset {
  // @ts-expect-error the property is not what the upstream is
  @Upstream(() => Orders) readonly orders!: Customers

  // @ts-expect-error a class that is no asset is no upstream
  @Upstream(() => Date) readonly date!: Date

  // @ts-expect-error an upstream is a thunk
  @Upstream(Orders) readonly eager!: Orders

  // @ts-expect-error the property is not what the resource is
  @Resource(() => ShopApi) readonly shop!: Orders

  // @ts-expect-error a check selects rows
  @Check() returnsText() {
    return 'select 1'
  }

  // @ts-expect-error there is no such severity
  @Check({ severity: 'fatal' }) tooSevere() {
    return sql`select 1`
  }

  query() {
    // @ts-expect-error an object that stands for no table cannot stand in a query
    return sql`select * from ${{ table: 'orders' }}`
  }
}

// @ts-expect-error an asset extends one of the kinds
@Asset({ key: 'gold/plain' })
class Plain {}

// @ts-expect-error '1 day' is no duration
@Asset({ key: 'gold/late', freshness: { failAfter: '1 day' } })
class Late extends Orders {}

// @ts-expect-error a merge needs its key
const keyless = merge({ newerBy: 'updated_at' })

class TextQuery extends SqlAsset {
  // @ts-expect-error a query gives SQL, not text
  query() {
    return 'select 1'
  }
}

class Rows extends RowAsset<{ id: number; name: string }> {
  // @ts-expect-error every column has its type
  readonly columns = { id: 'bigint' }
  // @ts-expect-error the rows have the declared shape
  rows() {
    return [{ id: 'one', name: 'x' }]
  }
}

// @ts-expect-error an external table has a place
class Nowhere extends ExternalAsset {
  readonly format = 'delta'
}

class NoFiles extends FileAsset {
  // @ts-expect-error files are described
  files() {
    return ['a.csv']
  }
}

// @ts-expect-error a script's columns are promised
class Scripted extends SparkAsset {
  readonly script = './scripted.py'
  // @ts-expect-error parameters are plain values
  override parameters() {
    return { since: new Date(0) }
  }
}

// @ts-expect-error a check names its column
const nameless = notNull()

export { Late, Mistakes, NoFiles, Nowhere, Plain, Rows, Scripted, TextQuery, keyless, nameless }
