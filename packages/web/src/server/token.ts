import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A secret for an address: 192 bits, in letters that need no escape. */
export function makeToken(): string {
  return randomBytes(24).toString('base64url');
}

/** Whether two texts are the same, in a time that tells nothing of where they differ. */
export function isSameSecret(given: string, secret: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}
