import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { html } from '../../framework/graph/lineage-formats/html.ts'
import { layeredLayout } from '../../framework/graph/lineage-formats/layered-layout.ts'
import type { ColumnEdge, LineageGraph } from '../../framework/graph/lineage-graph.ts'
import { HOSTILE_NAMES } from './hostile-names.ts'
import { seeded } from './random-rows.ts'

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)

const columns = (...names: string[]) => names.map(name => ({ name, type: 'VARCHAR', tags: name === 'email' ? ['pii'] : [] }))
const edge = (from: string, to: string, relation: ColumnEdge['relation'], kind: ColumnEdge['kind'], masked = false): ColumnEdge => ({ from, to, relation, kind, masked })
const shop: LineageGraph = {
  nodes: [
    { key: 'bronze/people', layer: 'bronze', kind: 'row', description: 'One row per person.', columns: columns('id', 'email', 'country') },
    { key: 'silver/contacts', layer: 'silver', kind: 'sql', columns: columns('id', 'email') },
    { key: 'gold/mailings', layer: 'gold', kind: 'sql', columns: columns('address', 'n') },
    { key: 'gold/countries', layer: 'gold', kind: 'sql', columns: columns('country') },
  ],
  edges: [{ from: 'bronze/people', to: 'silver/contacts' }, { from: 'silver/contacts', to: 'gold/mailings' }, { from: 'bronze/people', to: 'gold/countries' }],
  columnEdges: [
    edge('bronze/people.id', 'silver/contacts.id', 'value', 'identity'),
    edge('bronze/people.email', 'silver/contacts.email', 'value', 'transformation'),
    edge('silver/contacts.email', 'gold/mailings.address', 'value', 'transformation', true),
    edge('bronze/people.country', 'silver/contacts.email', 'rowset', 'filter'),
    edge('bronze/people.country', 'gold/countries.country', 'value', 'identity'),
  ],
}

describe.skipIf(!CHROMIUM)('the page, in a browser (skipped where there is no Chromium)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'varve-page-'))
  let browser: Browser
  let page: Page
  const troubles: string[] = []

  beforeAll(async () => { browser = await chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox'] }) })
  afterEach(async () => {
    await page.close()
    expect(troubles.splice(0)).toEqual([])
  })
  afterAll(async () => {
    await browser.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function open(graph: LineageGraph, hash = ''): Promise<void> {
    const file = join(folder, 'lineage.html')
    writeFileSync(file, html(graph))
    page = await browser.newPage({ viewport: { width: 1400, height: 900 } })
    page.on('pageerror', error => troubles.push(error.message))
    page.on('console', message => { if (message.type() === 'error') troubles.push(message.text()) })
    page.on('request', request => { if (!request.url().startsWith('file:')) troubles.push(`asked for ${request.url()}`) })
    await page.goto(pathToFileURL(file).href + hash)
  }
  const steps = () => page.locator('#path button span').allTextContents()
  const find = async (text: string) => {
    await page.locator('#search').fill(text)
    await page.locator('#search').press('Enter')
  }

  it('finds an asset and tells about it', async () => {
    await open(shop)
    await find('people')
    expect(await page.locator('#panel').innerText()).toContain('One row per person.')
    expect(await page.locator('#panel p').first().innerText()).toBe('bronze · row · 0 read · 2 reading it')
    expect(await page.locator('#panel ul').first().locator('button').allInnerTexts()).toEqual(['id\nVARCHAR', 'email\nVARCHAR · pii', 'country\nVARCHAR'])
  })

  it('shows the path of a clicked column both ways, and on request what decides on rows', async () => {
    await open(shop)
    await find('silver/contacts')
    await page.locator('#panel button', { hasText: 'email' }).click()
    expect(await steps()).toEqual(['bronze/people.email → silver/contacts.email', 'silver/contacts.email → gold/mailings.address'])
    expect(await page.locator('#path small').allTextContents()).toEqual(['transformation', 'transformation masked'])
    await page.locator('#rows').check()
    expect(await steps()).toEqual(['bronze/people.country → silver/contacts.email', 'bronze/people.email → silver/contacts.email', 'silver/contacts.email → gold/mailings.address'])
  })

  it('takes clicks on the drawing: an asset, a column of the path, nothing', async () => {
    await open(shop)
    await find('silver/contacts.email')
    const [x, y] = [700, 450]
    await page.mouse.click(x, y + 22)
    expect(await page.locator('#panel h2').allInnerTexts()).toContain('Path of email')
    await page.mouse.click(x, y)
    expect(await page.locator('#panel h2').allInnerTexts()).toEqual(['Columns'])
    await page.mouse.click(x, y + 300)
    expect(await page.locator('#panel').isVisible()).toBe(false)
  })

  it('pans and zooms around the pointer', async () => {
    await open(shop)
    await find('silver/contacts')
    await page.mouse.move(700, 450)
    await page.mouse.down()
    await page.mouse.move(900, 600, { steps: 4 })
    await page.mouse.up()
    await page.mouse.wheel(0, 400)
    await page.keyboard.press('Escape')
    await page.mouse.click(900, 600)
    expect(await page.locator('#panel h1').innerText()).toBe('silver/contacts')
  })

  it('opens at the column that its address names', async () => {
    await open(shop, `#${encodeURIComponent('gold/mailings.address')}`)
    expect(await page.locator('#panel h1').innerText()).toBe('gold/mailings')
    expect(await steps()).toEqual(['bronze/people.email → silver/contacts.email', 'silver/contacts.email → gold/mailings.address'])
  })

  it('goes on from a step of the path', async () => {
    await open(shop, '#gold%2Fmailings.address')
    await page.locator('#path button').first().click()
    expect(await page.locator('#panel h1').innerText()).toBe('silver/contacts')
  })

  it('shows hostile names as they are', async () => {
    const names = HOSTILE_NAMES.filter(name => name.trim() !== '' && name !== '\ud800half')
    await open({ nodes: names.map(name => ({ key: name, layer: name, description: name, columns: columns(name) })), edges: [], columnEdges: [] }, `#${encodeURIComponent('<b>bold</b>')}`)
    expect(await page.locator('#panel h1').innerText()).toBe('<b>bold</b>')
    expect(await page.locator('#panel h1').locator('b').count()).toBe(0)
    await find('"; drop')
    expect(await page.locator('#panel h1').innerText()).toBe('"; drop')
  })

  it('of nothing is empty', async () => {
    await open({ nodes: [], edges: [] })
    expect(await page.locator('#panel').isVisible()).toBe(false)
  })

  it('holds five thousand assets with ten columns each', async () => {
    await open(large(5000))
    await find('a4321.c3')
    expect(await page.locator('#panel h1').innerText()).toBe('silver/a4321')
    expect((await steps()).length).toBeGreaterThan(3)
  })
})

/** Each asset reads two of the hundred before it, column by column. */
function large(size: number): LineageGraph {
  const below = seeded(5)
  const key = (i: number) => `silver/a${i}`
  const reads = Array.from({ length: size }, (_, i) => (i < 50 ? [] : [...new Set([i - 1 - below(50), i - 1 - below(50)])]))
  const names = Array.from({ length: 10 }, (_, c) => `c${c}`)
  return {
    nodes: reads.map((_, i) => ({ key: key(i), layer: ['bronze', 'silver', 'gold'][i % 3]!, columns: columns(...names) })),
    edges: reads.flatMap((from, i) => from.map(read => ({ from: key(read), to: key(i) }))),
    columnEdges: reads.flatMap((from, i) => from.flatMap(read => names.map(name => edge(`${key(read)}.${name}`, `${key(i)}.${name}`, 'value', 'identity')))),
  }
}

describe('the layout', () => {
  it('draws every edge to the right and keeps neighbours apart, the same way each time', () => {
    const below = seeded(3)
    const edges = Array.from({ length: 600 }, () => [below(200), below(200)] as const).filter(([from, to]) => from < to)
    const { column, row } = layeredLayout(200, edges)
    for (const [from, to] of edges) expect(column[from]!).toBeLessThan(column[to]!)
    const placed = [...column].map((at, i) => ({ at, row: row[i]! })).sort((a, b) => a.at - b.at || a.row - b.row)
    for (const [i, { at, row }] of placed.entries()) if (placed[i + 1]?.at === at) expect(placed[i + 1]!.row - row).toBeGreaterThan(0.999)
    expect(layeredLayout(200, edges)).toEqual({ column, row })
  })

  it('is about as broad as high however many stand beside each other, and keeps edges to the right and neighbours apart', () => {
    const edges = Array.from({ length: 3000 }, (_, i) => [i, 3000 + (i * 7) % 1000] as const)
    const { column, row } = layeredLayout(4000, edges)
    for (const [from, to] of edges) expect(column[from]!).toBeLessThan(column[to]!)
    const [width, height] = [Math.max(...column) + 1, Math.max(...row) - Math.min(...row)]
    expect((7.5 * width) / height).toBeGreaterThan(1)
    expect((7.5 * width) / height).toBeLessThan(2.5)
    const placed = [...column].map((at, i) => ({ at, row: row[i]! })).sort((a, b) => a.at - b.at || a.row - b.row)
    for (const [i, { at, row }] of placed.entries()) if (placed[i + 1]?.at === at) expect(placed[i + 1]!.row - row).toBeGreaterThan(0.999)
  })

  it('untangles what need not cross', () => {
    const { row } = layeredLayout(4, [[0, 3], [1, 2]])
    expect(Math.sign(row[0]! - row[1]!)).toBe(Math.sign(row[3]! - row[2]!))
  })

  it('ends on a circle', () => {
    expect([...layeredLayout(3, [[0, 1], [1, 2], [2, 1]]).column]).toHaveLength(3)
  })
})
