/** What the page does. It runs in a browser only, from the page's own data, and asks nothing of the network. */
export const PAGE_SCRIPT = String.raw`
'use strict'
const data = JSON.parse(document.getElementById('data').textContent)
const canvas = document.getElementById('graph'), search = document.getElementById('search'), found = document.getElementById('found')
const panel = document.getElementById('panel'), rowsToo = document.getElementById('rows'), pen = canvas.getContext('2d')
const WIDTH = 210, HEIGHT = 30, GAP_X = 330, GAP_Y = 44, LINE = 18, FAR = 0.22

const nodes = data.nodes.map((node, i) => ({ ...node, i, px: node.x * GAP_X, py: node.y * GAP_Y, first: 0 }))
const owner = []
for (const node of nodes) { node.first = owner.length; for (let c = 0; c < node.columns.length; c += 1) owner.push(node.i) }
const columnName = column => nodes[owner[column]].columns[column - nodes[owner[column]].first][0]
const above = Array.from(nodes, () => []), below = Array.from(nodes, () => [])
for (const [from, to] of data.edges) { below[from].push(to); above[to].push(from) }

/** Edges of columns by their ends: where those of one column start in a list sorted by that end. */
function indexed(end) {
  const start = new Uint32Array(owner.length + 1), list = new Uint32Array(data.columnEdges.length)
  for (const edge of data.columnEdges) start[edge[end] + 1] += 1
  for (let c = 0; c < owner.length; c += 1) start[c + 1] += start[c]
  const next = start.slice()
  data.columnEdges.forEach((edge, i) => { list[next[edge[end]]++] = i })
  return column => list.subarray(start[column], start[column + 1])
}
const leaving = indexed(0), arriving = indexed(1)

let view = { x: 0, y: 0, scale: 1 }, chosen = null, path = null, asked = false
const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim()
let colours
function readColours() { colours = { paper: colour('--paper'), ink: colour('--ink'), faint: colour('--faint'), line: colour('--line'), dim: colour('--dim'), card: colour('--card'), mark: colour('--mark'), row: colour('--row') } }
const hues = data.layers.map((_, layer) => 'hsl(' + (Math.round(layer * 137.5) % 360) + ' 55% 55%)')
const hue = layer => hues[layer]

/** The column's ways up and down: which columns, which edges. */
function pathOf(column) {
  const columns = new Set([column]), edges = new Set()
  const walk = (edgesOf, other) => {
    const seen = new Set([column]), todo = [column]
    while (todo.length) for (const e of edgesOf(todo.pop())) {
      const edge = data.columnEdges[e]
      if (edge[2] && !rowsToo.checked) continue
      edges.add(e)
      if (!seen.has(edge[other])) { seen.add(edge[other]); columns.add(edge[other]); todo.push(edge[other]) }
    }
  }
  walk(arriving, 0)
  walk(leaving, 1)
  const byNode = new Map()
  for (const c of [...columns].sort((a, b) => a - b)) { const list = byNode.get(owner[c]) || []; byNode.set(owner[c], list); list.push(c) }
  const steps = [...edges].sort((a, b) => { const [from] = data.columnEdges[a], [other] = data.columnEdges[b]; return nodes[owner[from]].x - nodes[owner[other]].x || a - b })
  /** From far away it is drawn between assets only, each pair once. */
  const pairs = [new Map(), new Map()]
  for (const e of steps) { const [from, to, rowset] = data.columnEdges[e]; pairs[rowset].set(owner[from] * nodes.length + owner[to], [owner[from], owner[to]]) }
  const line = new Map()
  for (const list of byNode.values()) list.forEach((c, i) => line.set(c, i))
  return { columns, steps, byNode, line, pairs: pairs.map(map => [...map.values()]) }
}

/** All that lies above and below an asset. */
function reachOf(node) {
  const reach = new Set([node])
  for (const next of [above, below]) { const seen = new Set([node]), todo = [node]; while (todo.length) for (const other of next[todo.pop()]) if (!seen.has(other)) { seen.add(other); reach.add(other); todo.push(other) } }
  return reach
}

function choose(node, column) {
  chosen = { node, column, reach: column === undefined ? reachOf(node) : null }
  path = column === undefined ? null : pathOf(column)
  const ref = nodes[node].key + (column === undefined ? '' : '.' + columnName(column))
  history.replaceState(null, '', '#' + encodeURIComponent(ref))
  showPanel()
  draw()
}
function clear() { chosen = path = null; panel.hidden = true; history.replaceState(null, '', location.pathname + location.search); draw() }

function element(tag, text, attributes) {
  const made = document.createElement(tag)
  if (text !== undefined) made.textContent = text
  for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value)
  return made
}
function showPanel() {
  const node = nodes[chosen.node]
  panel.replaceChildren(element('h1', node.key), element('p', [data.layers[node.layer], node.kind, above[node.i].length + ' read', below[node.i].length + ' reading it'].filter(Boolean).join(' · ')))
  if (node.description) panel.append(element('p', node.description))
  const list = element('ul')
  node.columns.forEach(([name, type, tags], c) => {
    const item = element('li'), button = element('button', undefined, { type: 'button', 'aria-pressed': String(chosen.column === node.first + c) })
    button.append(element('span', name), element('small', [type, tags].filter(Boolean).join(' · ')))
    button.onclick = () => choose(node.i, node.first + c)
    item.append(button)
    list.append(item)
  })
  panel.append(element('h2', node.columns.length ? 'Columns' : 'No columns are known'), list)
  if (path) {
    panel.append(element('h2', 'Path of ' + columnName(chosen.column)))
    const steps = element('ul', undefined, { id: 'path' })
    for (const e of path.steps.slice(0, 500)) {
      const [from, to, rowset, kind, masked] = data.columnEdges[e], item = element('li'), button = element('button', undefined, { type: 'button' })
      const words = [rowset ? 'rows by' : '', data.kinds[kind].replace('_', ' '), masked ? 'masked' : ''].filter(Boolean).join(' ')
      button.append(element('span', nodes[owner[from]].key + '.' + columnName(from) + ' → ' + nodes[owner[to]].key + '.' + columnName(to)), element('small', words))
      button.onclick = () => { goTo(owner[to]); choose(owner[to], to) }
      item.append(button)
      steps.append(item)
    }
    panel.append(steps)
    if (path.steps.length > 500) panel.append(element('p', 'and ' + (path.steps.length - 500) + ' more'))
    if (path.steps.length === 0) panel.append(element('p', 'Nothing flows into it or out of it.'))
  }
  panel.hidden = false
}

/** Where a column of the path is drawn: in a line of its own below its asset. */
function lineOf(column) {
  return nodes[owner[column]].py + HEIGHT + path.line.get(column) * LINE + LINE / 2
}

function draw() { if (!asked) { asked = true; requestAnimationFrame(paint) } }
function paint() {
  asked = false
  const ratio = devicePixelRatio || 1, width = innerWidth, height = innerHeight
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) { canvas.width = Math.round(width * ratio); canvas.height = Math.round(height * ratio) }
  const s = view.scale
  pen.setTransform(ratio, 0, 0, ratio, 0, 0)
  pen.fillStyle = colours.paper
  pen.fillRect(0, 0, width, height)
  pen.setTransform(ratio * s, 0, 0, ratio * s, ratio * view.x, ratio * view.y)
  const left = -view.x / s, top = -view.y / s, right = left + width / s, bottom = top + height / s
  const near = s > 0.35, detail = s > FAR
  const lit = i => !chosen || (path ? path.byNode.has(i) : chosen.reach.has(i))

  const wires = bright => {
    pen.beginPath()
    for (const [from, to] of data.edges) {
      if (chosen && !path && bright !== (chosen.reach.has(from) && chosen.reach.has(to))) continue
      const a = nodes[from], b = nodes[to], x1 = a.px + WIDTH, x2 = b.px
      if (x2 < left || x1 > right || Math.max(a.py, b.py) + HEIGHT < top || Math.min(a.py, b.py) > bottom) continue
      curve(x1, a.py + HEIGHT / 2, x2, b.py + HEIGHT / 2, near)
    }
    pen.stroke()
  }
  pen.lineWidth = 1 / Math.min(1, s * 1.5)
  pen.strokeStyle = chosen ? colours.dim : colours.line
  wires(false)
  if (chosen && !path) { pen.strokeStyle = colours.mark; wires(true) }

  if (!detail) blocks(lit, left, top, right, bottom)
  else for (const node of nodes) {
    if (node.px > right || node.px + WIDTH < left || node.py > bottom || node.py + HEIGHT < top) continue
    pen.globalAlpha = lit(node.i) ? 1 : 0.25
    pen.fillStyle = colours.card
    pen.fillRect(node.px, node.py, WIDTH, HEIGHT)
    pen.fillStyle = hue(node.layer)
    pen.fillRect(node.px, node.py, 5, HEIGHT)
    pen.strokeStyle = chosen && chosen.node === node.i ? colours.mark : colours.line
    pen.lineWidth = chosen && chosen.node === node.i ? 2 : 1
    pen.strokeRect(node.px, node.py, WIDTH, HEIGHT)
    if (near) label(node.key, node.px + 13, node.py + HEIGHT / 2, WIDTH - 20, colours.ink, 13)
  }
  pen.globalAlpha = 1

  if (path) {
    if (detail) for (const [i, columns] of path.byNode) {
      const node = nodes[i]
      if (node.px > right || node.px + WIDTH < left || node.py > bottom || node.py + HEIGHT + columns.length * LINE < top) continue
      pen.fillStyle = colours.card
      pen.fillRect(node.px, node.py + HEIGHT, WIDTH, columns.length * LINE)
      pen.strokeStyle = colours.line
      pen.lineWidth = 1
      pen.strokeRect(node.px, node.py + HEIGHT, WIDTH, columns.length * LINE)
      for (const column of columns) label(columnName(column), node.px + 13, lineOf(column), WIDTH - 20, column === chosen.column ? colours.mark : colours.ink, 12)
    }
    for (const rowset of [1, 0]) {
      pen.setLineDash(rowset && detail ? [6, 5] : [])
      pen.strokeStyle = rowset ? colours.row : colours.mark
      pen.lineWidth = (detail ? 1.6 : 1.45) / Math.min(1, s * 1.5)
      pen.beginPath()
      if (detail) for (const e of path.steps) {
        const edge = data.columnEdges[e]
        if (edge[2] !== rowset) continue
        const x1 = nodes[owner[edge[0]]].px + WIDTH, y1 = lineOf(edge[0]), x2 = nodes[owner[edge[1]]].px, y2 = lineOf(edge[1])
        if (x2 >= left && x1 <= right && Math.max(y1, y2) >= top && Math.min(y1, y2) <= bottom) curve(x1, y1, x2, y2, near)
      }
      else for (const [from, to] of path.pairs[rowset]) curve(nodes[from].px + WIDTH, nodes[from].py + HEIGHT / 2, nodes[to].px, nodes[to].py + HEIGHT / 2, false)
      pen.stroke()
    }
    pen.setLineDash([])
  }
}
/** From far away an asset is a block of its layer's colour, and all blocks of one colour are filled at once. */
function blocks(lit, left, top, right, bottom) {
  for (const bright of [false, true]) data.layers.forEach((_, layer) => {
    pen.globalAlpha = bright ? 1 : 0.25
    pen.fillStyle = hue(layer)
    pen.beginPath()
    for (const node of nodes) {
      if (node.layer !== layer || lit(node.i) !== bright || node.px > right || node.px + WIDTH < left || node.py > bottom || node.py + HEIGHT < top) continue
      pen.rect(node.px, node.py, WIDTH, HEIGHT)
    }
    pen.fill()
  })
}
function curve(x1, y1, x2, y2, round) {
  pen.moveTo(x1, y1)
  if (!round) return pen.lineTo(x2, y2)
  const bend = Math.max(30, Math.abs(x2 - x1) / 2)
  pen.bezierCurveTo(x1 + bend, y1, x2 - bend, y2, x2, y2)
}
const short = new Map()
function label(text, x, y, room, ink, size) {
  pen.font = size + 'px system-ui, sans-serif'
  pen.textBaseline = 'middle'
  pen.fillStyle = ink
  const key = size + room + text
  let fitting = short.get(key)
  if (fitting === undefined) {
    fitting = text
    if (pen.measureText(text).width > room) {
      const letters = Array.from(text.slice(0, 400))
      let low = 0, high = letters.length
      while (low < high) { const middle = (low + high + 1) >> 1; if (pen.measureText(letters.slice(0, middle).join('') + '…').width <= room) low = middle; else high = middle - 1 }
      fitting = letters.slice(0, low).join('') + '…'
    }
    short.set(key, fitting)
  }
  pen.fillText(fitting, x, y)
}

/** What lies under a point of the window: a column of the path, an asset, or nothing. */
function under(clientX, clientY) {
  const x = (clientX - view.x) / view.scale, y = (clientY - view.y) / view.scale
  if (path && view.scale > FAR) for (const [i, columns] of path.byNode) {
    const node = nodes[i], line = Math.floor((y - node.py - HEIGHT) / LINE)
    if (x >= node.px && x <= node.px + WIDTH && line >= 0 && line < columns.length) return { node: i, column: columns[line] }
  }
  const hit = nodes.find(node => x >= node.px && x <= node.px + WIDTH && y >= node.py && y <= node.py + HEIGHT)
  return hit && { node: hit.i }
}
function goTo(i) {
  const scale = Math.max(view.scale, 0.9), node = nodes[i]
  view = { scale, x: innerWidth / 2 - (node.px + WIDTH / 2) * scale, y: innerHeight / 2 - (node.py + HEIGHT / 2) * scale }
  draw()
}
function fit() {
  if (!nodes.length) return draw()
  let left = Infinity, top = Infinity, right = -Infinity, bottom = -Infinity
  for (const { px, py } of nodes) { left = Math.min(left, px); top = Math.min(top, py); right = Math.max(right, px + WIDTH); bottom = Math.max(bottom, py + HEIGHT) }
  const scale = Math.min(1.2, (innerWidth - 60) / (right - left), (innerHeight - 110) / (bottom - top))
  view = { scale, x: (innerWidth - (right + left) * scale) / 2, y: 70 + (innerHeight - 90 - (bottom + top) * scale) / 2 }
  draw()
}
function zoom(factor, x, y) {
  const scale = Math.min(4, Math.max(0.005, view.scale * factor)), by = scale / view.scale
  view = { scale, x: x - (x - view.x) * by, y: y - (y - view.y) * by }
  draw()
}

let drag = null
canvas.onpointerdown = event => { drag = { x: event.clientX, y: event.clientY, moved: false }; canvas.setPointerCapture(event.pointerId) }
canvas.onpointermove = event => {
  if (!drag) { canvas.style.cursor = under(event.clientX, event.clientY) ? 'pointer' : ''; return }
  const dx = event.clientX - drag.x, dy = event.clientY - drag.y
  if (!drag.moved && Math.hypot(dx, dy) < 4) return
  drag = { x: event.clientX, y: event.clientY, moved: true }
  canvas.classList.add('dragging')
  view = { ...view, x: view.x + dx, y: view.y + dy }
  draw()
}
canvas.onpointerup = event => {
  const moved = !drag || drag.moved
  drag = null
  canvas.classList.remove('dragging')
  if (moved) return
  const hit = under(event.clientX, event.clientY)
  if (hit) choose(hit.node, hit.column)
  else if (chosen) clear()
}
canvas.onpointercancel = () => { drag = null }
canvas.addEventListener('wheel', event => { event.preventDefault(); zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), event.clientX, event.clientY) }, { passive: false })
canvas.onkeydown = event => {
  const steps = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key]
  if (steps) { view = { ...view, x: view.x + steps[0], y: view.y + steps[1] }; draw() }
  if (event.key === '+' || event.key === '=') zoom(1.25, innerWidth / 2, innerHeight / 2)
  if (event.key === '-') zoom(0.8, innerWidth / 2, innerHeight / 2)
}
onkeydown = event => {
  if (event.key === '/' && document.activeElement !== search) { event.preventDefault(); search.focus(); search.select() }
  if (event.key === 'Escape') { if (!found.hidden) found.hidden = true; else if (chosen) clear() }
}

const MOST = 40
function matches(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean), hits = []
  if (!words.length) return hits
  const fits = name => { const low = name.toLowerCase(); return words.every(word => low.includes(word)) }
  for (const node of nodes) { if (fits(node.key)) hits.push({ node: node.i, name: node.key, what: data.layers[node.layer] }); if (hits.length >= MOST) return hits }
  for (const node of nodes) for (let c = 0; c < node.columns.length; c += 1) {
    const name = node.key + '.' + node.columns[c][0]
    if (fits(name) && !fits(node.key)) hits.push({ node: node.i, column: node.first + c, name, what: node.columns[c][1] })
    if (hits.length >= MOST) return hits
  }
  return hits
}
function take(hit) { found.hidden = true; goTo(hit.node); choose(hit.node, hit.column) }
search.oninput = () => {
  const hits = matches(search.value)
  found.replaceChildren(...hits.map(hit => { const item = element('li'), button = element('button', undefined, { type: 'button' }); button.append(element('span', hit.name), element('small', hit.what)); button.onclick = () => take(hit); item.append(button); return item }))
  if (!hits.length && search.value.trim()) found.replaceChildren(element('li', 'Nothing of that name'))
  found.hidden = !search.value.trim()
}
search.onkeydown = event => {
  if (event.key === 'Enter') { const [hit] = matches(search.value); if (hit) take(hit) }
  if (event.key === 'ArrowDown') { event.preventDefault(); found.querySelector('button')?.focus() }
}
found.onkeydown = event => {
  const item = document.activeElement.closest('li')
  if (event.key === 'ArrowDown') { event.preventDefault(); item?.nextElementSibling?.querySelector('button')?.focus() }
  if (event.key === 'ArrowUp') { event.preventDefault(); (item?.previousElementSibling?.querySelector('button') ?? search).focus() }
}
rowsToo.onchange = () => { if (chosen && chosen.column !== undefined) choose(chosen.node, chosen.column) }
document.getElementById('fit').onclick = fit
onresize = draw
matchMedia('(prefers-color-scheme: dark)').onchange = () => { readColours(); draw() }

function fromAddress() {
  let ref
  try { ref = decodeURIComponent(location.hash.slice(1)) } catch { return false }
  for (const node of nodes) {
    if (ref === node.key) return take({ node: node.i }), true
    if (ref.startsWith(node.key + '.')) { const c = node.columns.findIndex(([name]) => name === ref.slice(node.key.length + 1)); if (c >= 0) return take({ node: node.i, column: node.first + c }), true }
  }
  return false
}
readColours()
fit()
fromAddress()
`
