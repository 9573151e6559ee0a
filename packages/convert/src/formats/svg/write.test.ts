import type { Profile } from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import { writeProfile } from '../../convert.js';
import { hostileProfile } from '../../testing/hostile.js';
import { inputs, readFixture } from '../../testing/inputs.js';
import { collectText } from '../../testing/io.js';
import { profileOf, py } from '../../testing/profiles.js';
import { WEIGHT_TITLES } from '../../weight-titles.js';
import { type WeightType, weightOf, weightTypes } from '../../weights.js';

const svgOf = (profile: Profile): Promise<string> =>
  collectText(writeProfile(profile, 'svg', { name: 'run' }));

function totalOf(profile: Profile, type: WeightType): number {
  let total = 0;
  for (let i = 0; i < profile.samples.length; i++) total += weightOf(profile, i, type);
  return total;
}

/** `0.008193 s` in µs, `4,096 bytes` and `3 samples` as numbers. */
function amountOf(text: string): number {
  const number = Number(text.replace(/[^\d.]/g, ''));
  return text.endsWith(' s') ? Math.round(number * 1e6) : number;
}

describe('the SVG flame graph', () => {
  it.each(inputs)('%s: has a graph for each weight, with all of it', async (path) => {
    const profile = await readFixture(path);
    const svg = await svgOf(profile);
    const graphs = [...svg.matchAll(/class="t"[^>]*>(.*?) - run<.*\n.*class="s"[^>]*>(.*?) in all/g)];
    const expected = weightTypes(profile)
      .map((type) => ({ title: WEIGHT_TITLES[type.metric], total: totalOf(profile, type) }))
      .filter(({ total }, at) => total > 0 || at === 0);
    expect(graphs.map(([, title, total]) => ({ title, total: amountOf(total!) }))).toEqual(expected);
  });

  it('gives each frame its share of the width', async () => {
    const frames = (name: string) => [py('m.py', 'main', 1), py('m.py', name, 2)];
    const svg = await svgOf(
      profileOf({ mode: 'wall' }, [
        { frames: frames('long'), timeUs: 3000 },
        { frames: frames('short'), timeUs: 1000 },
        { frames: frames('long'), timeUs: 3000 },
        { frames: frames('recurs'), timeUs: 1 },
      ]),
    );
    const widths = new Map(
      [...svg.matchAll(/<g><title>(.*?)&#10;.*?<rect x="[\d.]+" y="\d+" width="([\d.]+)"/g)].map(
        ([, label, width]) => [label!, Number(width)],
      ),
    );
    expect(widths.get('main (m.py)')).toBe(1180);
    expect(widths.get('long (m.py)')! / widths.get('short (m.py)')!).toBeCloseTo(6, 3);
    expect(widths.has('recurs (m.py)'), 'a frame narrower than a third of a pixel').toBe(false);
    expect(svg).toContain('long (m.py)&#10;0.006 s, 85.70 %; by itself 0.006 s');
  });

  it('has no markup but its own, whatever names are', async () => {
    const svg = await svgOf(hostileProfile());
    const tags = new Set([...svg.matchAll(/<([^\s>]*)/g)].map(([, tag]) => tag!.replace('/', '')));
    expect([...tags].sort()).toEqual(['?xml', 'desc', 'g', 'rect', 'style', 'svg', 'text', 'title']);
    expect(svg).not.toMatch(/[\p{Surrogate}\u202a-\u202e]|(?!\n)\p{Cc}/u);
    expect(svg).not.toMatch(/<[^>]*\s(?:on\w+|href|xlink:href|style)=/);
  });
});
