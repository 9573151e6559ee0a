import { type ControlRequest, RECORDING_MODES } from '../protocol.js';

/** What a body asks for; undefined for what nobody asks for. It comes from outside. */
export function toControlRequest(body: Record<string, unknown> | undefined): ControlRequest | undefined {
  const mode = RECORDING_MODES.find((known) => known === body?.mode);
  if (body === undefined || (body.mode !== undefined && mode === undefined)) return undefined;
  switch (body.action) {
    case 'pause':
    case 'resume':
    case 'reset':
      return { action: body.action };
    case 'stop':
      return { action: 'stop' };
    case 'restart':
      return { action: 'restart', ...(mode && { mode }) };
    case 'attach': {
      const { pid } = body;
      if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 1) return undefined;
      return { action: 'attach', pid, ...(mode && { mode }) };
    }
    default:
      return undefined;
  }
}
