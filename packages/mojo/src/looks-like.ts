/** How many bytes {@link looksLike} wants to see. */
export const LOOK_BYTES = 16;

const MAGICS: readonly (readonly [string, readonly number[]])[] = [
  ['gzip-compressed data', [0x1f, 0x8b]],
  ['zstd-compressed data', [0x28, 0xb5, 0x2f, 0xfd]],
  ['a zip archive', [0x50, 0x4b, 0x03, 0x04]],
  ['an ELF binary', [0x7f, 0x45, 0x4c, 0x46]],
  ['UTF-16 text', [0xff, 0xfe]],
  ['UTF-16 text', [0xfe, 0xff]],
];

/** What the first bytes of a file that is not MOJO suggest it is, as words that fit after "looks like". */
export function looksLike(head: Uint8Array): string {
  for (const [name, magic] of MAGICS) if (magic.every((byte, i) => head[i] === byte)) return name;
  const text = new TextDecoder().decode(head.subarray(0, LOOK_BYTES)).replace(/^\ufeff/, '');
  if (/^\s*[{[]/.test(text)) return 'JSON';
  if (/^\s*</.test(text)) return 'XML or HTML';
  if (/^# \w+: ?|^P\d+;T/.test(text)) return 'collapsed text of Austin';
  const isText = head.subarray(0, LOOK_BYTES).every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d));
  return isText ? 'text' : 'binary data of another format';
}
