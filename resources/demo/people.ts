import { DIRT } from './dirt.ts'
import type { Random } from './random.ts'

const FIRST = ['Ada', 'Bruno', 'Carla', 'Dario', 'Elin', 'Farid', 'Greta', 'Hana', 'Ivo', 'Jonna', 'Karim', 'Lena', 'Milo', 'Nora', 'Oskar', 'Petra', 'Quinn', 'Rosa', 'Sven', 'Tessa', 'Uma', 'Viktor', 'Wanda', 'Yara'] as const
const LAST = ['Alder', 'Birch', 'Cedar', 'Dale', 'Elmwood', 'Fenn', 'Grove', 'Heath', 'Ivers', 'Juniper', 'Kestrel', 'Larch', 'Marsh', 'North', 'Oakes', 'Pine', 'Quarry', 'Reed', 'Stone', 'Thorne', 'Upland', 'Vale', 'Willow', 'Yarrow'] as const
const UNUSUAL_FIRST = ['Zoë', 'Łukasz', 'Þóra', 'Ngọc', 'Jean-Luc', 'Αλέξης', 'Юлия', '李', 'さくら', 'محمد', 'X', 'D\'Arcy'] as const
const UNUSUAL_LAST = ['O\'Brien-Smith', 'Müller', 'Żółć', 'Ångström', 'de la Cruz', 'Παππάς', 'Щукина', '小龙', '田中', 'الحسن', 'Li', 'St. John'] as const
const COMPANY = ['Amber', 'Basalt', 'Cobalt', 'Delta', 'Ember', 'Flint', 'Granite', 'Harbor', 'Indigo', 'Jade', 'Krypton', 'Lumen', 'Maple', 'Nimbus', 'Onyx', 'Pylon'] as const
const TRADE = ['Works', 'Supply', 'Logistics', 'Foods', 'Energy', 'Labs', 'Partners', 'Trading, Inc.', 'Media', 'Systems'] as const

export interface PersonName {
  readonly first: string
  readonly last: string
}

/** An invented name, with spaces where they do not belong now and then. */
export function personName(random: Random): PersonName {
  const unusual = random.chance(DIRT.unusualNames)
  return { first: spaced(random, random.pick(unusual ? UNUSUAL_FIRST : FIRST)), last: spaced(random, random.pick(unusual ? UNUSUAL_LAST : LAST)) }
}

export const companyName = (random: Random, i: number): string => spaced(random, `${random.pick(COMPANY)} ${random.pick(TRADE)} ${i}`)

/** An address that belongs to nobody: its domains are reserved for examples. */
export function email(random: Random, local: string, domain: string): string {
  if (!random.chance(DIRT.invalidEmails)) return random.chance(0.1) ? `${local}@${domain}`.toUpperCase() : `${local}@${domain}`
  return random.pick([`${local}_at_${domain}`, `${local}@`, `@${domain}`, `${local}@@${domain}`, `${local} @${domain}`, `${local}@localhost`, 'n/a'])
}

/** A number that nobody has, mostly in one form, sometimes in one of the many others. */
export function phone(random: Random, usual: (area: string, exchange: string, line: string) => string): string {
  const [area, exchange, line] = [digits(random, 3), digits(random, 3), digits(random, 4)]
  if (!random.chance(DIRT.oddPhones)) return usual(area, exchange, line)
  return random.pick([
    `${area}${exchange}${line}`,
    `+1-${area}-${exchange}-${line}`,
    `001-${area}-${exchange}-${line}`,
    `${area}.${exchange}.${line}x${digits(random, 4)}`,
    `(${area}) ${exchange}-${line} ext. ${digits(random, 2)}`,
    ` ${area} ${exchange} ${line} `,
    `+44 20 ${digits(random, 4)} ${line}`,
    `${exchange}-${line}`,
    'unknown',
    '',
  ])
}

const digits = (random: Random, count: number): string => String(random.whole(10 ** (count - 1), 10 ** count - 1))

function spaced(random: Random, name: string): string {
  if (!random.chance(DIRT.untrimmedNames)) return name
  return random.pick([` ${name}`, `${name} `, `  ${name}  `, name.replace(' ', '  ')])
}
