#!/usr/bin/env node
import { mojodbg } from '../tools/mojodbg.js';
import { startTool } from '../tools/tool.js';

await startTool(mojodbg);
