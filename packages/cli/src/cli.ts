#!/usr/bin/env node
import { generationOf } from './classic/generation.js';
import { start } from './start.js';

await start(generationOf(process.env));
