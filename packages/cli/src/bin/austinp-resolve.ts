#!/usr/bin/env node
import { austinpResolve } from '../tools/austinp-resolve.js';
import { startTool } from '../tools/tool.js';

await startTool(austinpResolve);
