import { describe, expect, it } from 'vitest';
import { parseLimit, parseStatus, parseUserName, readLink, readNumber, readText } from './proc-text.js';

describe('files of the kernel', () => {
  it('reads the fields of a status', () => {
    const status = parseStatus('Name:\todd: name\nUid:\t0\t65534\t0\t0\nCapEff:\t000001fffeffffff\n');
    expect(status.get('Name')).toBe('odd: name');
    expect(status.get('Uid')?.split(/\s+/)).toEqual(['0', '65534', '0', '0']);
    expect(status.get('Missing')).toBeUndefined();
  });

  it('reads soft limits', () => {
    const text = [
      'Limit                     Soft Limit           Hard Limit           Units     ',
      'Max open files            1024                 524288               files     ',
      'Max realtime priority     0                    0                    ',
      'Max realtime timeout      unlimited            unlimited            us        ',
    ].join('\n');
    expect(parseLimit(text, 'Max open files')).toBe(1024);
    expect(parseLimit(text, 'Max realtime priority')).toBe(0);
    expect(parseLimit(text, 'Max realtime timeout')).toBe(Number.POSITIVE_INFINITY);
    expect(parseLimit(text, 'Max of nothing')).toBeUndefined();
  });

  it('finds the name of a user', () => {
    const text = 'root:x:0:0:root:/root:/bin/bash\nalice:x:1000:1000::/home/alice:/bin/sh\n';
    expect(parseUserName(text, 1000)).toBe('alice');
    expect(parseUserName(text, 10)).toBeUndefined();
  });

  it('answers with nothing where nothing is', () => {
    expect(readText('/proc/0/status')).toBeUndefined();
    expect(readLink('/proc/0/exe')).toBeUndefined();
    expect(readNumber('/proc/0/oom_score')).toBeUndefined();
    expect(readNumber('/proc/self/status')).toBeUndefined();
  });
});
