#!/usr/bin/env node
import { start } from './start.js';

// For front ends of Austin 3: the text stream and the options of that time.
await start(3);
