export type {
  FormatEntry,
  Phase,
  ProcessEntry,
  RecordingMode,
  RecordingRequest,
  SessionStatus,
} from './protocol.js';
export { isLoopback } from './server/addresses.js';
export { startWebServer, type WebServer, type WebServerOptions } from './server/web-server.js';
export type { Download, WebSession } from './session.js';
