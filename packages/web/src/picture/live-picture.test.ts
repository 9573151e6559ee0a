import { LiveProfile } from '@austin-profiler/convert';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LiveState } from '../page/live-state.js';
import type { PictureUpdate } from '../protocol.js';
import { addSample } from '../testing/session.js';
import { heldWeights, shownWeights } from '../testing/weights.js';
import { type Cursor, cursorText, parseCursor } from './cursor.js';
import { LivePicture } from './live-picture.js';

/** Somebody who looks at a picture now and then, over a line on which everything is text. */
class Onlooker {
  readonly #picture: LivePicture;
  told: Cursor | undefined;
  state: LiveState | undefined;

  constructor(picture: LivePicture) {
    this.#picture = picture;
  }

  look(): PictureUpdate | undefined {
    this.#picture.refresh();
    const update = this.#picture.since(this.told);
    if (!update) return undefined;
    const received = JSON.parse(JSON.stringify(update)) as PictureUpdate;
    if (received.isStart) this.state = new LiveState(received);
    else this.state!.apply(received);
    this.told = parseCursor(cursorText(this.#picture.cursor));
    return update;
  }
}

describe('the picture of a recording', () => {
  it('is told whole at first, and then only what has changed', () => {
    const live = new LiveProfile();
    addSample(live, 'main load parse');
    const onlooker = new Onlooker(new LivePicture(live));
    expect(onlooker.look()).toMatchObject({ isStart: true, metrics: [{ id: 'wall', unit: 'microseconds' }] });
    expect(onlooker.look()).toBeUndefined();
    // Of the same slot, which is 1 µs long for now: the time goes on, so it is another cell.
    addSample(live, 'main load', 0);
    const update = onlooker.look()!;
    expect(update).toMatchObject({
      isStart: false,
      strings: [],
      functions: { name: [] },
      cells: { isWhole: false },
    });
    expect(update.nodes.parent).toEqual([]);
    expect(update.cells.row).toHaveLength(1);
    expect(shownWeights(onlooker.state!)).toEqual(heldWeights(live));
  });

  it('shows what the profile holds, whatever came, was cut and forgotten, and however often one looked', () => {
    const step = fc.oneof(
      { weight: 20, arbitrary: fc.tuple(fc.constant('sample'), fc.nat(40), fc.nat(5_000), fc.nat(3)) },
      { weight: 3, arbitrary: fc.tuple(fc.constant('look'), fc.nat(1)) },
      { weight: 1, arbitrary: fc.tuple(fc.constant('reset')) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const live = new LiveProfile({ cells: 24, stacks: 1000 });
        const picture = new LivePicture(live);
        const onlookers = [new Onlooker(picture), new Onlooker(picture)];
        for (const [what, a = 0, b = 0, c = 0] of steps as [string, number?, number?, number?][]) {
          if (what === 'sample') addSample(live, `main f${a % 7} g${a}`, b, `t${c}`);
          else if (what === 'reset') live.reset();
          else onlookers[a]!.look();
        }
        for (const onlooker of onlookers) {
          onlooker.look();
          if (onlooker.state) expect(shownWeights(onlooker.state)).toEqual(heldWeights(live));
          else expect(heldWeights(live)).toEqual({});
        }
      }),
      { numRuns: 150 },
    );
  });

  it('begins anew for somebody who comes from another picture, or claims to know what does not exist', () => {
    const live = new LiveProfile();
    addSample(live, 'main');
    const picture = new LivePicture(live);
    picture.refresh();
    const { cursor } = picture;
    expect(picture.since(cursor)).toBeUndefined();
    expect(picture.since({ ...cursor, picture: 'another' })).toMatchObject({ isStart: true });
    expect(picture.since({ ...cursor, strings: 1000 })).toMatchObject({ isStart: true });
    expect(picture.since({ ...cursor, version: cursor.version + 1 })).toMatchObject({ isStart: true });
    for (const text of ['', 'x', `${cursorText(cursor)}.1`, cursorText(cursor).replace(/\d+$/, '-1')]) {
      expect(parseCursor(text)).toBeUndefined();
    }
  });

  it('tells of names that become known late, once', () => {
    const live = new LiveProfile();
    addSample(live, 'main');
    const onlooker = new Onlooker(new LivePicture(live));
    onlooker.look();
    live.addMetadata('x-thread-name:40:0:a1', 'MainThread');
    expect(onlooker.look()?.threads).toEqual({ pid: [40], label: ['MainThread (a1)'] });
    addSample(live, 'main');
    expect(onlooker.look()?.threads).toBeUndefined();
    expect(onlooker.state!.data.threads.label).toEqual(['MainThread (a1)']);
  });

  it('has all weights of a mode that has several', () => {
    const live = new LiveProfile();
    live.addMetadata('mode', 'full');
    addSample(live, 'main', 1000, 'a1', 2);
    addSample(live, 'main', 500, 'a1');
    const onlooker = new Onlooker(new LivePicture(live));
    const { metrics, cells } = onlooker.look()!;
    expect(metrics.map(({ id }) => id)).toEqual(['cpu', 'wall', 'idle', 'allocated', 'deallocated']);
    const sums = cells.weight.map((column) => column.reduce((sum, weight) => sum + weight, 0));
    expect(sums).toEqual([500, 1500, 1000, 0, 0]);
  });

  it('keeps names whole that are hostile', () => {
    const live = new LiveProfile();
    const names = ['</script>', 'a\u2028b', '\ud800', '"\\', 'x'.repeat(65_536)];
    for (const name of names) addSample(live, name);
    const onlooker = new Onlooker(new LivePicture(live));
    onlooker.look();
    for (const name of names) expect(onlooker.state!.data.strings).toContain(name);
  });
});
