#!/usr/bin/env node
import { austin2speedscope } from '../tools/austin2speedscope.js';
import { startTool } from '../tools/tool.js';

await startTool(austin2speedscope);
