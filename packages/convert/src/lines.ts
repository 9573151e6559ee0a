/**
 * Splits UTF-8 bytes into lines over any chunk border. A line ends in LF or CR LF; the last may have no end.
 * Invalid UTF-8 becomes U+FFFD; a byte order mark at the start is dropped.
 *
 * @param onLine gets each line without its end, and its number from 1
 */
export async function forEachLine(
  chunks: AsyncIterable<Uint8Array>,
  onLine: (line: string, number: number) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  let number = 0;

  const take = (text: string): void => {
    let start = 0;
    for (;;) {
      const end = text.indexOf('\n', start);
      if (end < 0) break;
      onLine(withoutCr(rest + text.slice(start, end)), ++number);
      rest = '';
      start = end + 1;
    }
    rest += text.slice(start);
  };

  for await (const chunk of chunks) take(decoder.decode(chunk, { stream: true }));
  take(decoder.decode());
  if (rest !== '') onLine(withoutCr(rest), ++number);
}

function withoutCr(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** Tells bytes from text: text has no control codes but tab, LF, CR and escape. */
export function hasControlCodes(bytes: Uint8Array): boolean {
  return bytes.some(isControlCode);
}

function isControlCode(byte: number): boolean {
  return byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0x1b;
}
