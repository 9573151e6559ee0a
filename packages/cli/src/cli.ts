#!/usr/bin/env node
import { generationOf } from './classic/generation.js';
import { main } from './main.js';
import { start } from './start.js';

await start((words) => main(words, generationOf(process.env)));
