import { createHash } from 'node:crypto';
import { EMPTY_STACK, ProfileBuilder } from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import { toPayload } from './model.js';
import { writeHtml } from './write.js';

const HOSTILE = '</script><script>alert(1)</script><!--\u2028\u2029"\'&\u0000\ud800';

function hostileProfile() {
  const builder = new ProfileBuilder();
  const { tables } = builder;
  const text = tables.internString(HOSTILE);
  builder.addMetadata('x-command', HOSTILE);
  const thread = tables.internThread(1, 0, HOSTILE);
  tables.setThreadName(thread, HOSTILE);
  const frame = tables.internFrame(tables.internFunction(text, text), 1);
  builder.addSample(tables.internStack(EMPTY_STACK, frame), thread, 100, 0, 0);
  return builder.build();
}

const write = (profile = hostileProfile(), options = {}) => [...writeHtml(profile, options)].join('');

describe('writeHtml', () => {
  it('embeds the payload so that nothing in it can end its element', () => {
    const page = write();
    const embedded = /<script type="application\/json" id="profile">(.*?)<\/script>/s.exec(page)![1]!;
    expect(embedded).not.toMatch(/[<\u2028\u2029]/);
    expect(JSON.parse(embedded)).toEqual(JSON.parse(JSON.stringify(toPayload(hostileProfile(), {}))));
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page.match(/<\/script/g)).toHaveLength(2);
    expect(page).toContain('<title>&#60;/script&#62;');
  });

  it('allows its own script by hash, and nothing else', () => {
    const page = write();
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!;
    const script = /<script>(.*)<\/script>/s.exec(page)![1]!;
    const hash = createHash('sha256').update(script).digest('base64');
    expect(policy).toContain(`script-src 'sha256-${hash}'`);
    expect(policy).toMatch(/^default-src 'none'/);
  });

  it('refers to nothing outside of itself', () => {
    const page = write(new ProfileBuilder().build());
    expect(page).not.toMatch(/https?:|\bsrc=|href=|url\(|@import/);
  });

  it('gives the same text each time, and escapes the name it is given', () => {
    expect(write()).toBe(write());
    expect(write(hostileProfile(), { name: 'a<b>.mojo', exporter: '"x"' })).toContain(
      '<title>a&#60;b&#62;.mojo</title>',
    );
  });

  it('writes long tables in pieces that are valid together', () => {
    const builder = new ProfileBuilder();
    const { tables } = builder;
    const thread = tables.internThread(1, 0, 'ab');
    for (let i = 0; i < 40_000; i++) {
      const fn = tables.internFunction(tables.internString(`f${i}`), tables.internString('a.py'));
      builder.addSample(tables.internStack(EMPTY_STACK, tables.internFrame(fn, 1)), thread, 1, 0, 0);
    }
    const pieces = [...writeHtml(builder.build(), {})];
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(400_000);
    const embedded = /id="profile">(.*?)<\/script>/s.exec(pieces.join(''))![1]!;
    expect(JSON.parse(embedded).cells.weight[0]).toHaveLength(40_000);
  });
});
