import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { SamplerError } from './errors.js';
import type { NativeAddon } from './native.js';

const require = createRequire(import.meta.url);

let loaded: NativeAddon | undefined;

/** The addon: the local build if there is one, else the binary shipped for this platform. */
export function loadAddon(): NativeAddon {
  loaded ??= load();
  return loaded;
}

function load(): NativeAddon {
  const tried: string[] = [];
  for (const [path, open] of candidates()) {
    if (!existsSync(new URL(path, import.meta.url))) {
      tried.push(`${path}: not there`);
      continue;
    }
    try {
      return open();
    } catch (error) {
      tried.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new SamplerError(
    'ERR_ADDON_LOAD',
    `no sampler binary for ${platformName()} could be loaded:\n  ${tried.join('\n  ')}`,
    {
      hint: 'recording works on Linux x86-64; `austin convert` works everywhere. In a checkout, `npm run build` builds the sampler.',
    },
  );
}

/** Literal paths, so that bundlers can follow them. */
function candidates(): [string, () => NativeAddon][] {
  const local: [string, () => NativeAddon] = [
    '../native/build/Release/austin_sampler.node',
    () => require('../native/build/Release/austin_sampler.node') as NativeAddon,
  ];
  switch (platformName()) {
    case 'linux-x64':
      return [
        local,
        ['../prebuilds/linux-x64.node', () => require('../prebuilds/linux-x64.node') as NativeAddon],
      ];
    case 'linux-x64-musl':
      return [
        local,
        [
          '../prebuilds/linux-x64-musl.node',
          () => require('../prebuilds/linux-x64-musl.node') as NativeAddon,
        ],
      ];
    default:
      return [local];
  }
}

function platformName(): string {
  const base = `${process.platform}-${process.arch}`;
  if (process.platform !== 'linux') return base;
  const header = (process.report.getReport() as { header?: { glibcVersionRuntime?: string } }).header;
  return header?.glibcVersionRuntime ? base : `${base}-musl`;
}
