#!/usr/bin/env node
import { mojoCompress } from '../tools/mojo-compress.js';
import { startTool } from '../tools/tool.js';

await startTool(mojoCompress);
