/** A JSON document as every command prints it. The version counts up when a reader of the old form could be misled by the new. */
export const document = (content: object): string => `${JSON.stringify({ version: 1, ...content }, null, 2)}\n`
