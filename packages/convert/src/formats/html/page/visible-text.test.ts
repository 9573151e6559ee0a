import { expect, it } from 'vitest';
import { shorten, visible } from './visible-text.js';

it('writes out what cannot be seen', () => {
  expect(visible('a\nb\tc\u0000\u202ed\ud800e\udc00')).toBe('a\\nb\\tc\\u0000\\u202ed\\ud800e\\udc00');
  expect(visible('naïve שלום 𝒳 <b>"')).toBe('naïve שלום 𝒳 <b>"');
});

it('shortens from the middle, and never cuts a letter in two', () => {
  expect(shorten('abc', 3)).toBe('abc');
  expect(shorten('abcdefghij', 5)).toBe('ab…ij');
  expect(shorten('a𝒳bcdefgh𝒳', 5)).toBe('a\\ud835…𝒳');
});
