const NAME = String.raw`(?:"(?:[^"]|"")*"|[\p{L}_][\p{L}\p{N}_$]*)`
const PATH = String.raw`${NAME}(?:\s*\.\s*${NAME})*`
const GAP = String.raw`(?:\s|--[^\n]*(?:\n|$)|/\*[\s\S]*?\*/)`
const COLUMNS = String.raw`(\(\s*${NAME}(?:\s*,\s*${NAME})*\s*\)\s*)?`

const CREATES = new RegExp(String.raw`^${GAP}*create${GAP}+(?:or${GAP}+replace${GAP}+)?(?:(?:temp|temporary|materialized)${GAP}+)?(?:table|view)${GAP}+(?:if${GAP}+not${GAP}+exists${GAP}+)?${PATH}${GAP}*${COLUMNS}as(?=${GAP}|\()`, 'iu')
const INSERTS = new RegExp(String.raw`^${GAP}*insert${GAP}+(?:or${GAP}+(?:replace|ignore)${GAP}+)?into${GAP}+${PATH}${GAP}*${COLUMNS}(?:by${GAP}+(?:name|position)${GAP}+)?(?=${GAP}*(?:select|with|from|values|\())`, 'iu')

/** The query of a statement that puts its rows into a table or a view, with the columns as they are named there; of any other text, the text. */
export function queryWithin(sql: string): string {
  const text = sql.replace(/^\uFEFF/, '')
  const found = CREATES.exec(text) ?? INSERTS.exec(text)
  if (!found) return text
  const query = text.slice(found[0].length)
  return found[1] === undefined ? query : `select * from (${query.replace(/[\s;]+$/, '')}\n) as query${found[1].trim()}`
}
