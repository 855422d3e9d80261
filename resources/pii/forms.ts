import { matchesWhole, type SqlFragment } from '#framework'

/** An e-mail address as we accept it: ASCII, a name, and a domain with a top-level domain of letters. */
export const EMAIL = /[A-Za-z0-9][A-Za-z0-9._%+'-]*@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,24}/

/** The whole of a text, in Java's words, in which `$` is before a last line break too. */
export const WHOLE_EMAIL = `\\A(?:${EMAIL.source})\\z`

/** Whether a text is such an address from its beginning to its end. */
export const isEmail = (text: SqlFragment): SqlFragment => matchesWhole(text, EMAIL.source)

/** What `maskEmail` lets out: `u***@e***.com`, or nothing. */
export const MASKED_EMAIL = /[A-Za-z0-9]?\*{3}@[A-Za-z0-9]?\*{3}\.[A-Za-z]{2,24}|\*{3}/

/** What `maskPhone` lets out: `***-***-7890`, or nothing. */
export const MASKED_PHONE = /\*{3}-\*{3}-(\*{0,3}[0-9]{1,4}|\*{4})/

/** What `maskName` lets out: `J*** D***`. */
export const MASKED_NAME = /[^ \t\n\f\r*]?\*{3}( [^ \t\n\f\r*]?\*{3})*/

/** What `hashed` lets out. */
export const HASHED = /[0-9a-f]{64}/
