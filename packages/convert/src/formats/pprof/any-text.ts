const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** The first byte of a surrogate in three bytes, and the lowest second one: 0xed is also that of characters below them. */
const [FIRST, SECOND] = [0xed, 0xa0];

/**
 * Text of a pprof file. Lone surrogates, which UTF-8 has no bytes for, come back from the three that our writer makes of each; other
 * bytes that are no UTF-8 become replacement characters.
 */
export function anyText(bytes: Uint8Array): string {
  const pieces: string[] = [];
  let from = 0;
  for (let at = bytes.indexOf(FIRST); at >= 0; at = bytes.indexOf(FIRST, at + 1)) {
    const [second = 0, third = 0] = bytes.subarray(at + 1, at + 3);
    if (second < SECOND || second > 0xbf || third < 0x80 || third > 0xbf) continue;
    pieces.push(utf8.decode(bytes.subarray(from, at)));
    pieces.push(String.fromCharCode(0xd000 | ((second & 0x3f) << 6) | (third & 0x3f)));
    from = at + 3;
  }
  pieces.push(utf8.decode(bytes.subarray(from)));
  return pieces.join('');
}
