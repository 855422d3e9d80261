#!/usr/bin/env node
import os = require('node:os')
import v8 = require('node:v8')

// The thread pool takes its size when it is first used, so nothing may be loaded before this. Queries and files wait on its threads.
process.env['UV_THREADPOOL_SIZE'] ??= String(Math.max(8, os.availableParallelism() * 2 + 4))

// A command makes objects that it needs to its end. Where the space for new ones grows at once to what is made anyway, they are copied less often.
v8.setFlagsFromString('--semi-space-growth-factor=16')

// To know its C library, the state's driver asks Node for a whole report; looking at the network is the slow half of it.
if (process.report) Object.assign(process.report, { excludeNetwork: true })

// Packed by `framework/rolldown.config.js` once the compiler is through, so that it does not know of it.
const packed = '../run/main.js'
void (import(packed) as Promise<typeof import('./main.ts', { with: { 'resolution-mode': 'import' } })>).then(({ main }) => main(process.argv.slice(2)))
