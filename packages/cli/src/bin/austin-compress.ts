#!/usr/bin/env node
import { austinCompress } from '../tools/austin-compress.js';
import { startTool } from '../tools/tool.js';

await startTool(austinCompress);
