#!/usr/bin/env node
import { austinWeb } from '../tools/austin-web.js';
import { startTool } from '../tools/tool.js';

await startTool(austinWeb);
