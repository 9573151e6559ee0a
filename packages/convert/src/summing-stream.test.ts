import { compressProfile, EMPTY_STACK, ProfileBuilder } from '@austin-profiler/profile';
import { expect, it } from 'vitest';
import { sumSamples } from './summing-stream.js';

it('rows that stand for several samples keep how many, and how these spread', () => {
  const builder = new ProfileBuilder();
  const { tables } = builder;
  const thread = tables.internThread(1, 0, '1');
  const [name, file] = ['f', 'a.py'].map((text) => tables.internString(text));
  const frame = tables.internFrame(tables.internFunction(name!, file!, 1), 1);
  const stack = tables.internStack(EMPTY_STACK, frame);
  for (const timeUs of [1, 2, 5]) builder.addSample(stack, thread, timeUs, 0, 0);
  const compressed = compressProfile(builder.build());
  expect(compressed.samples).toMatchObject({ length: 1 });
  const summed = sumSamples(compressed.samples).build();
  expect([...summed.timeUs]).toEqual([8]);
  expect([...summed.count!]).toEqual([3]);
  expect([...summed.squares!.timeUs]).toEqual([1 + 4 + 25]);
});
