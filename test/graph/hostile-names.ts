/** Names that a writer of documents gets wrong if it can. */
export const HOSTILE_NAMES = [
  'say "hi"', "it's", 'back\\slash', 'ends in \\', '\\"', '\\N \\G \\l', 'two\nlines', 'tab\there', 'return\rhere', '<b>bold</b>', '<!-- -->', ']]>', '&', '&amp;', '&#65;', 'a;b', 'a|b', '[x]', '{y}', '(z)', '`code`',
  '**bold**', '#quot;', '%% comment', 'end', 'subgraph', 'graph', 'digraph', 'node', 'strict', 'style', 'click', 'click a call b()', 'a --> b', 'a -> b', '==', 'o--o', 'x', '1. list', '- list', '# head', 'http://example.com', '\u0000nul', '\u001b[31mred', '\u007f',
  '\u0085next', '\ud800half', '\ufffe', '日本語', 'żółć', '🙂👩‍👩‍👧', 'e\u0301', '\u202eright to left', ' leading and trailing ', '', ' ', '$', '${x}', '{{y}}', '<%= z %>', 'x'.repeat(5000), '"; drop', '@{ shape: cyl }', 'A@B', ':::class', 'a/b', '/a/', 'a.b', "a'", '//', '/*', '*/',
]
