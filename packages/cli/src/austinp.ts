#!/usr/bin/env node
import { generationOf } from './classic/generation.js';
import { main } from './main.js';
import { start } from './start.js';

// Austin with native stacks, under the name of its own that front ends start.
await start((words) => main(words, generationOf(process.env), 'austinp'));
