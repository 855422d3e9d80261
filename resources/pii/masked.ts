import { column, expression, sql } from '#framework'

/** Promises that a column shows no more than its mask lets out. */
export const masked = (name: string, form: RegExp) => expression(`${name} is masked`, sql`${column(name)} is null or regexp_full_match(${column(name)}, ${form.source})`)
