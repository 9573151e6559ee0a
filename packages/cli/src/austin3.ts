#!/usr/bin/env node
import { main } from './main.js';
import { start } from './start.js';

// For front ends of Austin 3: the text stream and the options of that time.
await start((words) => main(words, 3));
