/** What a DOT text draws, read by Graphviz's published grammar (https://graphviz.org/doc/info/lang.html), strictly. @throws where the text is not in the language. */
export function parseDot(text: string): { clusters: string[]; nodes: string[]; edges: { from: string; fromPort?: string; to: string; toPort?: string }[] } {
  const tokens = tokensOf(text)
  const clusters: string[] = []
  const nodes: string[] = []
  const edges: { from: string; fromPort?: string; to: string; toPort?: string }[] = []
  let at = 0

  const fail = (wanted: string): never => {
    throw new Error(`DOT: wanted ${wanted}, found ${JSON.stringify(tokens[at] ?? 'the end')} as token ${at}`)
  }
  const is = (mark: string) => tokens[at]?.type === 'mark' && tokens[at]?.text === mark
  const word = (name: string) => tokens[at]?.type === 'word' && tokens[at]?.text.toLowerCase() === name
  const take = (mark: string) => (is(mark) ? void (at += 1) : fail(mark))
  const id = (): string => {
    const token = tokens[at]
    if (!token || token.type === 'mark' || (token.type === 'word' && KEYWORDS.has(token.text.toLowerCase()))) return fail('a name')
    at += 1
    return token.text
  }

  if (word('strict')) at += 1
  if (!word('digraph')) fail('digraph')
  at += 1
  if (!is('{')) id()
  body(undefined)
  if (at !== tokens.length) fail('the end')
  return { clusters, nodes, edges }

  function body(cluster: string | undefined): void {
    take('{')
    while (!is('}')) statement(cluster)
    take('}')
  }

  function statement(cluster: string | undefined): void {
    if (word('subgraph')) {
      at += 1
      body(is('{') ? '' : id())
    } else if (word('graph') || word('node') || word('edge')) {
      at += 1
      attributes()
    } else {
      const from = end()
      if (is('=')) {
        at += 1
        const value = id()
        if (cluster?.startsWith('cluster') && from.name === 'label') clusters.push(value.replaceAll('&amp;', '&'))
      } else if (is('->')) {
        at += 1
        const to = end()
        edges.push({ from: from.name, ...(from.port && { fromPort: from.port }), to: to.name, ...(to.port && { toPort: to.port }) })
        attributes()
      } else {
        nodes.push(from.name)
        attributes()
      }
    }
    if (is(';')) at += 1
  }

  function end(): { name: string; port?: string } {
    const name = id()
    if (!is(':')) return { name }
    at += 1
    const port = id()
    if (is(':')) {
      at += 1
      if (!/^(n|ne|e|se|s|sw|w|nw|c|_)$/.test(id())) fail('a compass point')
    }
    return { name, port }
  }

  function attributes(): void {
    while (is('[')) {
      at += 1
      while (!is(']')) {
        id()
        take('=')
        id()
        if (is(',') || is(';')) at += 1
      }
      at += 1
    }
  }
}

const KEYWORDS = new Set(['node', 'edge', 'graph', 'digraph', 'subgraph', 'strict'])
const TOKEN = /\s+|(?<word>[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*|-?(?:\.\d+|\d+(?:\.\d*)?))|"(?<quoted>(?:[^"\\\0]|\\[^\0])*)"|(?<mark>->|[{}[\]=;,:])|(?<html><)/y

function tokensOf(text: string): { type: 'word' | 'quoted' | 'mark' | 'html'; text: string }[] {
  const tokens: { type: 'word' | 'quoted' | 'mark' | 'html'; text: string }[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const from = TOKEN.lastIndex
    const groups = TOKEN.exec(text)?.groups
    if (!groups) throw new Error(`DOT: no token at ${JSON.stringify(text.slice(from, from + 40))}`)
    if (groups['word'] !== undefined) tokens.push({ type: 'word', text: groups['word'] })
    else if (groups['quoted'] !== undefined) tokens.push({ type: 'quoted', text: groups['quoted'].replaceAll(/\\(["\\])/g, '$1') })
    else if (groups['mark'] !== undefined) tokens.push({ type: 'mark', text: groups['mark'] })
    else if (groups['html'] !== undefined) {
      const end = htmlEnd(text, TOKEN.lastIndex)
      tokens.push({ type: 'html', text: text.slice(TOKEN.lastIndex, end) })
      TOKEN.lastIndex = end + 1
    }
  }
  return tokens
}

/** Where the `>` stands that closes an HTML text: tags must be balanced and entities known. */
function htmlEnd(text: string, start: number): number {
  const open: string[] = []
  let opened = -1
  const part = /<(?<close>\/?)(?<tag>[A-Z]+)(?<attributes>(?: [A-Z]+="[^"<&]*")*)>|&(?:amp|lt|gt|quot|#\d+);|[^<>&]+|(?<end>>)/y
  part.lastIndex = start
  for (;;) {
    const from = part.lastIndex
    const groups = part.exec(text)?.groups
    if (!groups) throw new Error(`DOT: no HTML at ${JSON.stringify(text.slice(from, from + 40))}`)
    if (groups['end'] !== undefined) {
      if (open.length > 0) throw new Error(`DOT: HTML ends inside of ${open.join(' ')}`)
      return from
    }
    if (groups['tag'] === undefined) continue
    if (groups['close'] === '') {
      open.push(groups['tag'])
      opened = part.lastIndex
    }
    else if (from === opened) throw new Error(`DOT: an empty <${groups['tag']}>`)
    else if (open.pop() !== groups['tag']) throw new Error(`DOT: </${groups['tag']}> closes nothing`)
  }
}
