import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What to do about a Node older than `range` (of the form `>=20.19`), or undefined. */
export function tooOldNode(range) {
  const [major, minor = 0] = range.replace(/^>=/, '').split('.').map(Number);
  const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number);
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return undefined;
  return `this is Node ${process.versions.node}; Node ${major}.${minor} or newer is needed`;
}

/** What to install so that the native sampler can be built, or undefined. */
export function missingTools() {
  const wanted = [
    // CXX may carry arguments, as in "ccache g++".
    { command: process.env.CXX?.trim().split(/\s+/)[0] || 'c++', debian: 'g++' },
    { command: 'make', debian: 'make' },
    { command: 'python3', debian: 'python3' },
  ];
  const missing = wanted.filter(({ command }) => !isExecutable(command));
  if (missing.length === 0) return undefined;
  return [
    `building the sampler needs ${missing.map(({ command }) => command).join(', ')}, not found on PATH. To install:`,
    `  Debian, Ubuntu  apt-get install ${missing.map(({ debian }) => debian).join(' ')}`,
    '  Fedora, RHEL    dnf install gcc-c++ make python3',
    '  Arch            pacman -S --needed base-devel python',
    '  Alpine          apk add build-base python3',
    '  macOS           xcode-select --install',
  ].join('\n');
}

function isExecutable(command) {
  const candidates = command.includes('/')
    ? [command]
    : (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, command));
  return candidates.some((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
