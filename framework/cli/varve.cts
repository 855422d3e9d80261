#!/usr/bin/env node
import os = require('node:os')

// The thread pool takes its size when it is first used, so nothing may be loaded before this. Queries and files wait on its threads.
process.env['UV_THREADPOOL_SIZE'] ??= String(Math.max(8, os.availableParallelism() * 2 + 4))

void import('./main.ts').then(({ main }) => main(process.argv.slice(2)))
