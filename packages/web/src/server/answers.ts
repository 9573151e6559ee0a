import type { IncomingMessage, ServerResponse } from 'node:http';
import { isAustinError } from '@austin-profiler/profile';
import type { Refusal } from '../protocol.js';

/** The page loads its own script and style, and asks this server; nothing else, and nobody may frame it. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Speedscope makes its style while it runs, has a font and pictures, and a reader of Java's recordings in WebAssembly. */
export const SPEEDSCOPE_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const COMMON = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
};

/** Begins every answer: what is served is kept nowhere and read by no other origin. */
export function begin(
  response: ServerResponse,
  code: number,
  type: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(code, {
    ...COMMON,
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'content-type': type,
    ...headers,
  });
}

export function answerText(response: ServerResponse, code: number, text: string): void {
  begin(response, code, 'text/plain; charset=utf-8');
  response.end(`${text}\n`);
}

export function answerJson(response: ServerResponse, code: number, value: unknown): void {
  begin(response, code, 'application/json');
  response.end(JSON.stringify(value));
}

/** An error that was made on purpose is told; any other is ours, and thrown on. */
export function answerError(response: ServerResponse, error: unknown): void {
  if (!isAustinError(error)) throw error;
  const refusal: Refusal = { error: error.message, ...(error.hint !== undefined && { hint: error.hint }) };
  answerJson(response, error.kind === 'usage' ? 400 : 409, refusal);
}

const MOST_BODY_BYTES = 4096;

/** The JSON object in the body of a request; undefined for what is none, or is too long. */
export async function readBody(request: IncomingMessage): Promise<Record<string, unknown> | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // The rest is read, or the answer would not arrive, and not kept.
    if (size <= MOST_BODY_BYTES) chunks.push(chunk);
  }
  if (size > MOST_BODY_BYTES) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
