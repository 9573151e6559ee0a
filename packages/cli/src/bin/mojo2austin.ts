#!/usr/bin/env node
import { mojo2austin } from '../tools/mojo2austin.js';
import { startTool } from '../tools/tool.js';

await startTool(mojo2austin);
