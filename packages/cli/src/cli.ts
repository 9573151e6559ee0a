#!/usr/bin/env node
import { main } from './main.js';
import { reportError } from './output/errors.js';

// Nothing is thrown past `main` but from a callback of the system, which is a bug of ours.
process.on('uncaughtException', (error) => process.exit(reportError(error)));

process.exitCode = await main(process.argv.slice(2));
