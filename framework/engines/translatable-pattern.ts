/**
 * Why a regular expression may find other things in another engine; undefined where it finds the same. DuckDB speaks RE2, Spark and Trino
 * Java's dialect: what is let through are literals, classes, groups, alternatives, greedy and lazy repetition, and the beginning of the text.
 */
export function patternRefusal(pattern: string): string | undefined {
  const bare = pattern.replaceAll(/\\[\\.+*?()[\]{}|^$/-]/g, '_')
  if (/\$/.test(bare)) return '$ is also before a last line break elsewhere; cut the end off otherwise'
  if (/\.(?![^[]*\])/.test(bare.replaceAll(/\[[^\]]*\]/g, '_'))) return 'the dot leaves out other line breaks elsewhere; write a class'
  if (/\(\?/.test(bare)) return 'groups with a question mark differ'
  if (/\\s/.test(bare)) return '\\s is other signs elsewhere; write [ \\t\\n\\f\\r]'
  if (/\\[^dwtnfr]/.test(bare)) return 'this escape differs; write a class of ASCII signs'
  if (bare.endsWith('\\')) return 'it ends within an escape'
  for (const [, inside] of bare.matchAll(/\[([^\]]*)\]/g)) if (/\[|&&|\\w|\\s/.test(inside!)) return 'this class differs; list its signs'
  if (/\[\^?\]|\]\]/.test(pattern.replaceAll(/\\./g, '_'))) return 'a bracket within a class is read otherwise; write \\]'
  if (/[{}]/.test(bare.replaceAll(/\{[0-9]+(,[0-9]*)?\}/g, ''))) return 'a brace that repeats nothing is read otherwise; write \\{'
  if (/(^|[(|])[*+?{]/.test(bare)) return 'a repetition of nothing is read otherwise'
  if (/[+*?}][+]/.test(bare)) return 'possessive repetition differs'
  return undefined
}
