import type { Detection } from '../../format.js';

/** Tag of the first field of most writers: sample_type, a message. */
const SAMPLE_TYPE_TAG = 0x0a;
/** Tag of that message's first field: type, a number. */
const TYPE_TAG = 0x08;

/** A message that starts with a sample type. Recognised so that messages can name it: there is no reader yet. */
export function detectPprof(head: Uint8Array): Detection {
  if (head.length > 0 && head[0] !== SAMPLE_TYPE_TAG) return 'no';
  if (head.length < 3) return 'more';
  return head[1]! >= 2 && head[1]! < 0x20 && head[2] === TYPE_TAG ? 'yes' : 'no';
}
