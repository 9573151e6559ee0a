import { LiveProfile } from '@austin-profiler/convert';
import { afterEach, describe, expect, it } from 'vitest';
import { EventClient } from '../testing/event-client.js';
import { addSample, TestSession } from '../testing/session.js';
import { heldWeights, shownWeights } from '../testing/weights.js';
import { startWebServer, type WebServer } from './web-server.js';

const TIMES = { updateMs: 10, beatMs: 50, patienceMs: 60_000 };

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function start(session: TestSession, times = TIMES): Promise<WebServer> {
  const server = await startWebServer({ session, times });
  open.push(server);
  return server;
}

function watch(server: WebServer, headers?: Record<string, string>): EventClient {
  const client = new EventClient(server.url, headers);
  open.push(client);
  return client;
}

describe('the stream of events', () => {
  it('tells everything first and then what has come, to each viewer', async () => {
    const session = new TestSession();
    addSample(session.profile, 'main load');
    const server = await start(session);
    const viewers = [watch(server), watch(server)];
    for (const viewer of viewers) await viewer.until(() => viewer.state !== undefined);
    for (let i = 0; i < 5; i++) addSample(session.profile, `main step${i}`);
    const held = heldWeights(session.profile);
    for (const viewer of viewers) {
      await viewer.until(() => viewer.state!.data.facts.samples === 6);
      expect(shownWeights(viewer.state!)).toEqual(held);
      expect(viewer.updates.filter(({ picture }) => picture?.isStart)).toHaveLength(1);
      expect(viewer.status).toEqual({ ...session.state, isPaused: false });
    }
  });

  it.each(['idle', 'waiting'] as const)('tells the first sample at once where it was %s', async (phase) => {
    const session = new TestSession();
    session.state = { ...session.state, phase };
    const server = await start(session, { ...TIMES, updateMs: 600_000 });
    const viewer = watch(server);
    await viewer.until(() => viewer.status?.phase === phase);
    addSample(session.profile, 'main load');
    await viewer.until(() => viewer.state?.data.facts.samples === 1);
  });

  it('goes on where a viewer was', async () => {
    const session = new TestSession();
    addSample(session.profile, 'main load');
    const server = await start(session);
    const first = watch(server);
    await first.until(() => first.state !== undefined);
    server.dropViewers();
    await first.closed();
    addSample(session.profile, 'main late');
    const again = watch(server, { 'last-event-id': first.lastId });
    again.state = first.state;
    await again.until(() => again.updates.length > 0);
    expect(again.updates[0]!.picture).toMatchObject({ isStart: false });
    expect(shownWeights(again.state!)).toEqual(heldWeights(session.profile));
  });

  it('begins anew for a viewer of another recording', async () => {
    const session = new TestSession();
    addSample(session.profile, 'main');
    const server = await start(session);
    const viewer = watch(server);
    await viewer.until(() => viewer.state !== undefined);
    session.profile = new LiveProfile();
    addSample(session.profile, 'other');
    await viewer.until(() => viewer.state!.data.strings.includes('other'));
    expect(shownWeights(viewer.state!)).toEqual(heldWeights(session.profile));
    const stranger = watch(server, { 'last-event-id': 'nonsense' });
    await stranger.until(() => stranger.state !== undefined);
    expect(stranger.updates[0]!.picture).toMatchObject({ isStart: true });
  });

  it('gives signs of life, and says when something else has changed', async () => {
    const session = new TestSession();
    const viewer = watch(await start(session));
    await viewer.until(() => viewer.messages.some(({ event }) => event === 'beat'));
    session.state = { title: 'app', phase: 'ended', message: 'It is over.', can: [] };
    await viewer.until(() => viewer.status?.phase === 'ended');
    expect(viewer.updates.at(-1)!.picture).toBeUndefined();
  });

  it('stands still while it is paused, and then tells all that has come', async () => {
    const session = new TestSession();
    addSample(session.profile, 'main');
    const server = await start(session);
    const viewer = watch(server);
    await viewer.until(() => viewer.state !== undefined);
    const { origin } = new URL(server.url);
    const post = (action: string) =>
      fetch(`${server.url}control`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin },
        body: JSON.stringify({ action }),
      });
    expect((await post('pause')).status).toBe(200);
    await viewer.until(() => viewer.status!.isPaused);
    const told = viewer.updates.length;
    addSample(session.profile, 'main meanwhile');
    const beats = viewer.messages.length + 3;
    await viewer.until(() => viewer.messages.length >= beats);
    expect(viewer.updates).toHaveLength(told);
    await post('resume');
    await viewer.until(() => viewer.state!.data.facts.samples === 2);
    expect(shownWeights(viewer.state!)).toEqual(heldWeights(session.profile));
    await post('reset');
    await viewer.until(() => viewer.state!.isEmpty);
  });

  it('keeps nothing for a viewer that takes nothing, and tells it the newest state later', async () => {
    const session = new TestSession();
    const server = await start(session);
    const viewer = watch(server);
    await viewer.until(() => viewer.response !== undefined && viewer.state !== undefined);
    viewer.response!.pause();
    const other = watch(server);
    await other.until(() => other.state !== undefined);
    // Together far more than the buffers of a connection on this machine hold.
    const big = 'n'.repeat(1_000_000);
    const before = viewer.messages.length;
    let most = 0;
    for (let i = 0; i < 24; i++) {
      addSample(session.profile, `${i}${big}`);
      await other.until(() => other.state!.data.facts.samples > i);
      most = Math.max(most, server.pendingBytes);
    }
    // Of 24 MB, what one message had when the connection would take no more.
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(5 * big.length);
    viewer.response!.resume();
    await viewer.until(() => viewer.state!.data.facts.samples === 24);
    expect(shownWeights(viewer.state!)).toEqual(heldWeights(session.profile));
    expect(viewer.messages.length - before).toBeLessThan(20);
  }, 30_000);

  it('lets a viewer go that takes nothing for long', async () => {
    const session = new TestSession();
    const server = await start(session, { ...TIMES, patienceMs: 100 });
    const viewer = watch(server);
    await viewer.until(() => viewer.response !== undefined && viewer.state !== undefined);
    viewer.response!.pause();
    for (let i = 0; i < 100; i++) addSample(session.profile, `${i}${'n'.repeat(100_000)}`);
    while (server.viewerCount > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }, 30_000);
});
