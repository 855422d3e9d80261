/** The JSON Schema of a contract file, `config/schema_definitions/<source>_<table>_<layer>.json`. What is absent is filled in from `default`. */
export const contractSchema = {
  $id: 'https://varve.dev/schemas/contract.json',
  title: 'Contract',
  description: 'What the files of one source table must look like.',
  type: 'object',
  additionalProperties: false,
  required: ['name', 'version', 'source', 'table', 'primaryKey', 'columns'],
  properties: {
    $schema: { type: 'string', description: 'For editors.' },
    title: { type: 'string', minLength: 1 },
    description: { type: 'string', minLength: 1 },
    name: { type: 'string', pattern: '^[a-z][a-z0-9_]*$', description: 'The file\'s name without its ending.' },
    version: { type: 'string', pattern: '^(0|[1-9]\\d*)\\.(0|[1-9]\\d*)\\.(0|[1-9]\\d*)$', description: 'Semantic version of the contract.' },
    source: { type: 'string', pattern: '^[a-z][a-z0-9_]*$', description: 'The system that the table comes from.' },
    table: { type: 'string', pattern: '^[a-z][a-z0-9_]*$', description: 'The table\'s name in that system.' },
    primaryKey: {
      type: 'array', minItems: 1, uniqueItems: true, items: { type: 'string', minLength: 1 },
      description: 'The columns that say which row is which, by their names in our table.',
    },
    ignores: { type: 'array', uniqueItems: true, items: { type: 'string', minLength: 1 }, description: 'Columns of the source that may come, and that nobody wants.' },
    columns: { type: 'array', minItems: 1, items: { $ref: '#/definitions/column' } },
  },
  definitions: {
    column: {
      type: 'object',
      additionalProperties: false,
      required: ['name', 'type'],
      properties: {
        name: { type: 'string', minLength: 1, description: 'The column\'s name in the source.' },
        as: { type: 'string', pattern: '^[a-z_][a-z0-9_]*$', description: 'Its name in our table; the same where absent.' },
        type: {
          type: 'string',
          pattern: '^(varchar|boolean|smallint|integer|bigint|double|date|timestamptz|decimal\\(([1-9]|[12]\\d|3[0-8]),([0-9]|[12]\\d|3[0-8])\\))$',
          description: 'varchar, boolean, smallint, integer, bigint, double, date, timestamptz or decimal(precision,scale).',
        },
        required: { type: 'boolean', default: false, description: 'A file without this column is refused.' },
        nullable: { type: 'boolean', description: 'false: a row without a value here is kept aside.' },
        default: { anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }], description: 'What stands in place of a missing value. A run counts how often.' },
        tags: {
          type: 'array', default: [], uniqueItems: true, items: { type: 'string', pattern: '^[a-z][a-z0-9_]*(:[a-z0-9_]+)?$' },
          description: 'pii:email, pii:phone, pii:name, pii:address, pii:ip mark personal data.',
        },
        description: { type: 'string', minLength: 1 },
      },
    },
  },
} as const
