import { crmDate, crmStamps, days, dayText, instantAfter } from './days.ts'
import { delivered, type RowState } from './dirt.ts'
import { companyName, email, personName, phone } from './people.ts'
import { CATEGORIES, contactId, COUNTRIES, customerId, opportunityId, SEGMENTS, type Population } from './population.ts'
import { Random } from './random.ts'
import { cents, csv, type TextFile } from './text-file.ts'

/** The CRM's exports: accounts, the contacts there, and what may be sold to them. */
export function crmFiles(population: Population): TextFile[] {
  const { seed, accounts, contacts, opportunities } = population
  const updates = { updates: true }
  return [
    { name: 'crm_accounts.csv', header: ACCOUNT, lines: () => delivered(seed, 'accounts', accounts, updates, (i, state) => account(seed, i, state)) },
    { name: 'crm_contacts.csv', header: CONTACT, lines: () => delivered(seed, 'contacts', contacts, updates, (i, state) => contact(population, i, state)) },
    { name: 'crm_opportunities.csv', header: OPPORTUNITY, lines: () => delivered(seed, 'opportunities', opportunities, updates, (i, state) => opportunity(population, i, state)) },
  ]
}

const ACCOUNT = 'Id,Name,Phone,Website,Industry,AnnualRevenue,NumberOfEmployees,BillingStreet,BillingCity,BillingState,BillingPostalCode,BillingCountry,Rating,Type,AccountSource,AccountNumber,Site,Description,Ownership,ParentId,TickerSymbol,YearStarted,CreatedDate,LastModifiedDate,OwnerId,CustomerSegment,GeographicRegion,AccountStatus,LastActivityDate'
const CONTACT = 'Id,LastName,AccountId,FirstName,Email,Phone,MobilePhone,Title,Department,LeadSource,MailingStreet,MailingCity,MailingState,MailingPostalCode,MailingCountry,DoNotCall,HasOptedOutOfEmail,Description,CreatedDate,LastModifiedDate,OwnerId,ContactRole,ContactLevel,EngagementScore'
const OPPORTUNITY = 'Id,Name,AccountId,StageName,CloseDate,Amount,Probability,LeadSource,Type,NextStep,Description,ForecastCategory,IsClosed,IsWon,CreatedDate,LastModifiedDate,OwnerId,DealSize,SalesCycle,ProductInterest,Budget,Timeline'

const STATES = ['CA', 'NY', 'TX', 'FL', 'IL'] as const
const INDUSTRIES = ['Tech', 'Finance', 'Healthcare', 'Retail', 'Manufacturing', 'Energy', 'Education', 'Media'] as const
const LEADS = ['Web', 'Referral', 'Partner', 'Trade Show'] as const

const usualPhone = (area: string, exchange: string, line: string) => `(${area})${exchange}-${line}`

/** The state before was modified some days earlier; a rival claims the very same stamp. */
function stampOf(modified: number, state: RowState): number {
  return state === 'before' ? modified - days(3) : modified
}

function account(seed: number, i: number, state: RowState): string {
  const random = new Random(seed, 'account', i)
  const { created, modified } = crmStamps(random)
  const status = random.pick(['Active', 'Inactive', 'Prospect'])
  return csv([
    customerId(i), companyName(random, i), phone(random, usualPhone), random.chance(0.02) ? null : `https://company${i}.example.com`, random.pick(INDUSTRIES),
    random.between(1e6, 5e8), random.whole(10, 50_000), random.chance(0.05) ? null : `${random.whole(1, 9_999)} Main St`, random.chance(0.02) ? null : `City${i % 100}`, random.pick(STATES),
    String(random.whole(10_000, 99_999)), random.pick(COUNTRIES), random.pick(['Hot', 'Warm', 'Cold']), random.pick(['Customer', 'Partner', 'Prospect']), random.pick(['Web', 'Referral', 'Partner']),
    `ACC-${String(i).padStart(6, '0')}`, `site${i}.example.com`, random.chance(0.02) ? null : `Account of ${customerId(i)}`, random.pick(['Private', 'Public', 'Other']), null,
    random.chance(0.3) ? `TICK${String(i % 1_000).padStart(3, '0')}` : null, random.whole(1980, 2020), crmDate(random, created), crmDate(random, stampOf(modified, state)), owner(random),
    random.pick(SEGMENTS), random.pick(['North America', 'South America', 'Europe', 'Asia', 'Middle East']), state === 'now' ? status : 'Prospect', dayText(instantAfter(random, created)),
  ])
}

function contact({ seed, accountsWithContacts }: Population, i: number, state: RowState): string {
  const random = new Random(seed, 'contact', i)
  const { created, modified } = crmStamps(random)
  const name = personName(random)
  const account = i <= accountsWithContacts ? i : random.whole(1, accountsWithContacts)
  const title = random.pick(['ANALYST', 'MANAGER', 'DIRECTOR', 'VP DATA', 'CIO', 'CTO', 'EXECUTIVE'])
  return csv([
    contactId(i), name.last, customerId(account), name.first, email(random, `contact${i}`, `company${account}.example.com`), phone(random, usualPhone), phone(random, usualPhone),
    state === 'now' ? title : 'ANALYST', random.pick(['Sales', 'Marketing', 'IT', 'Finance', 'Operations']), random.pick(LEADS),
    random.chance(0.05) ? null : `${random.whole(1, 9_999)} Contact St`, random.chance(0.02) ? null : `City${i % 100}`, random.pick(STATES), String(random.whole(10_000, 99_999)), random.pick(COUNTRIES),
    random.chance(0.5), random.chance(0.5), `Contact for ${customerId(account)}`, crmDate(random, created), crmDate(random, stampOf(modified, state)), owner(random),
    random.pick(['Decision Maker', 'Champion', 'Influencer', 'User']), random.pick(['C-Level', 'VP', 'Director', 'Manager', 'Individual']), random.between(0, 100),
  ])
}

function opportunity({ seed, accounts }: Population, i: number, state: RowState): string {
  const random = new Random(seed, 'opportunity', i)
  const { created, modified } = crmStamps(random)
  const account = customerId(random.whole(1, accounts))
  const now = random.pick(['PIPELINE', 'PROPOSAL', 'CLOSED_WON', 'CLOSED_LOST'])
  const stage = state === 'now' ? now : 'PIPELINE'
  const closed = stage.startsWith('CLOSED')
  const open = random.whole(10, 90)
  const closedAt = instantAfter(random, created)
  return csv([
    opportunityId(i), `Opportunity ${String(i).padStart(6, '0')}`, account, stage, closed ? dayText(closedAt) : null, cents(Math.exp(random.between(8, 15.5))),
    stage === 'CLOSED_WON' ? 100 : stage === 'CLOSED_LOST' ? 0 : open, random.pick(LEADS), random.pick(['New Business', 'Existing Business', 'Renewal']), `Follow up on ${account}`,
    `Opportunity description for ${account}`, random.pick(['Pipeline', 'Best Case', 'Commit', 'Closed']), closed, stage === 'CLOSED_WON', crmDate(random, created), crmDate(random, stampOf(modified, state)), owner(random),
    random.pick(['Small', 'Medium', 'Large', 'Enterprise']), random.whole(30, 365), random.pick(CATEGORIES), random.pick(['Approved', 'Pending', 'Unknown']), random.pick(['Immediate', 'Q1', 'Q2', 'Q3', 'Q4']),
  ])
}

const owner = (random: Random): string => `USER${String(random.whole(1, 100)).padStart(3, '0')}`
