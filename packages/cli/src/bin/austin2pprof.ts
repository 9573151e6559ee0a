#!/usr/bin/env node
import { austin2pprof } from '../tools/austin2pprof.js';
import { startTool } from '../tools/tool.js';

await startTool(austin2pprof);
