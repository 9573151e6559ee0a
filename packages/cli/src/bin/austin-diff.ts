#!/usr/bin/env node
import { austinDiff } from '../tools/austin-diff.js';
import { startTool } from '../tools/tool.js';

await startTool(austinDiff);
