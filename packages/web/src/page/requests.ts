import type { ControlRequest, Refusal } from '../protocol.js';

/** Something that the server would not or could not do, for people. */
export class RequestError extends Error {}

/** Said where there is nobody to ask. */
export const NO_ANSWER = 'austin does not answer: it may have ended.';

/** Asks for something to be done. Rejects with a {@link RequestError}. */
export async function control(request: ControlRequest): Promise<void> {
  await answerOf(
    fetch('control', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    }),
  );
}

/** Asks for something to be told. Rejects with a {@link RequestError}. */
export async function ask<T>(path: string): Promise<T> {
  return (await answerOf(fetch(path))) as T;
}

async function answerOf(request: Promise<Response>): Promise<unknown> {
  let response: Response;
  try {
    response = await request;
  } catch (cause) {
    throw new RequestError(NO_ANSWER, { cause });
  }
  const isJson = response.headers.get('content-type') === 'application/json';
  const body: unknown = isJson ? await response.json() : undefined;
  if (response.ok) return body;
  const { error = `austin answered with ${response.status}`, hint } = (body ?? {}) as Partial<Refusal>;
  throw new RequestError(hint === undefined ? error : `${error} (${hint})`);
}
