#!/usr/bin/env node
import { start } from '../start.js';
import { austinTui } from '../tools/austin-tui.js';

await start(austinTui);
