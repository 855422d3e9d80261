const NAME = String.raw`(?:"(?:[^"]|"")*"|[\p{L}_][\p{L}\p{N}_$]*)`
const PATH = String.raw`${NAME}(?:\s*\.\s*${NAME})*`
const GAP = String.raw`(?:\s|--[^\n]*(?:\n|$)|/\*[\s\S]*?\*/)`
const COLUMNS = String.raw`(\(\s*${NAME}(?:\s*,\s*${NAME})*\s*\)\s*)?`

const CREATES = new RegExp(String.raw`^${GAP}*create${GAP}+(?:or${GAP}+replace${GAP}+)?(?:(?:temp|temporary|materialized)${GAP}+)?(?:table|view)${GAP}+(?:if${GAP}+not${GAP}+exists${GAP}+)?${PATH}${GAP}*${COLUMNS}as(?=${GAP}|\()`, 'iu')
const INSERTS = new RegExp(String.raw`^${GAP}*insert${GAP}+(?:or${GAP}+(?:replace|ignore)${GAP}+)?into${GAP}+${PATH}${GAP}*${COLUMNS}(?:by${GAP}+(?:name|position)${GAP}+)?(?=${GAP}*(?:select|with|from|values|\())`, 'iu')

/** The query of one statement, without a semicolon, that puts its rows into a table or a view, with the columns as they are named there; of any other text, the text. */
export function queryWithin(sql: string): string {
  const found = CREATES.exec(sql) ?? INSERTS.exec(sql)
  if (!found) return sql
  const query = sql.slice(found[0].length)
  return found[1] === undefined ? query : `select * from (${query}\n) as query${found[1].trim()}`
}
