import { expect, it } from 'vitest';
import { createSignalPolicy } from './signal-policy.js';

it('from the terminal, interrupts end the recording and the third kills', () => {
  const decide = createSignalPolicy({ isSpawned: true, killAt: 3 });
  expect(decide('SIGINT', true)).toEqual({ stop: true });
  expect(decide('SIGINT', true)).toEqual({ stop: true });
  expect(decide('SIGINT', true)).toEqual({ stop: true, send: 'SIGKILL' });
  expect(decide('SIGQUIT', true)).toEqual({ stop: false });
});

it('the second may kill already', () => {
  const decide = createSignalPolicy({ isSpawned: true, killAt: 2 });
  expect(decide('SIGTERM', false)).toEqual({ stop: true, send: 'SIGTERM' });
  expect(decide('SIGINT', false)).toEqual({ stop: true, send: 'SIGINT' });
  expect(decide('SIGINT', false)).toEqual({ stop: true, send: 'SIGKILL' });
});

it('from elsewhere, signals are passed on', () => {
  const decide = createSignalPolicy({ isSpawned: true, killAt: 3 });
  expect(decide('SIGINT', false)).toEqual({ stop: true, send: 'SIGINT' });
  expect(decide('SIGTERM', false)).toEqual({ stop: true, send: 'SIGTERM' });
  expect(decide('SIGHUP', false)).toEqual({ stop: true, send: 'SIGHUP' });
  expect(decide('SIGQUIT', false)).toEqual({ stop: false, send: 'SIGQUIT' });
});

it('a process that was only attached to never gets one', () => {
  const decide = createSignalPolicy({ isSpawned: false, killAt: 2 });
  for (let time = 0; time < 4; time++) expect(decide('SIGINT', false)).toEqual({ stop: true });
  expect(decide('SIGTERM', false)).toEqual({ stop: true });
});
