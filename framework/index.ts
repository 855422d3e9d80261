/** The face that asset files see. Nothing here can run anything. */
export { sql } from './vocabulary/sql.ts'
