import { expect, it } from 'vitest';
import { recordingName } from './file-name.js';

it.each([
  [['python3', 'examples/wordcount.py', '40'], 'austin.wordcount'],
  [['/usr/bin/python3.12', '-u', '-X', 'dev', '-W', 'error', 'app.pyw'], 'austin.app'],
  [['python3.13t', '-m', 'http.server', '80'], 'austin.http.server'],
  [['python', '-mjson.tool'], 'austin.json.tool'],
  [['python3', '-c', 'pass'], 'austin.python3'],
  [['python3', '-'], 'austin.python3'],
  [['python3'], 'austin.python3'],
  [['./run.sh', 'x'], 'austin.run.sh'],
  [['./manage.py', 'runserver'], 'austin.manage'],
  [['my tool (old)'], 'austin.my-tool-old'],
  [['..'], 'austin'],
  [[], 'austin'],
  [['x'.repeat(300)], `austin.${'x'.repeat(80)}`],
])('%j is %s', (command, name) => expect(recordingName(command)).toBe(name));
