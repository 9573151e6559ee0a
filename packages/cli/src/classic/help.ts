import type { ClassicProgram, Generation } from './generation.js';

const MODERN = `Usage: austin record [options] [--] command...    start a program and record it
       austin record [options] -p PID            record a running process
       austin top [options] command | -p PID     watch it in the terminal
       austin web [options] command | -p PID     watch it in the browser
       austin where PID                          every stack, right now
       austin convert FILE --to FORMAT           turn a profile into another format
       austin summary FILE                       the hottest functions and lines
       austin diff BEFORE AFTER                  what has changed between two profiles
       austin filter|merge|inspect FILE...       parts of profiles, several as one, MOJO explained
       austin doctor [PID]                       what can be profiled here, and why not

Each of them has its own --help. For example:
  austin record -- python3 app.py
  austin convert austin.app.mojo --to html -o app.html`;

const CLASSIC = `As a replacement of Austin, which front ends start:
       austin [options] command...
       austin [options] -p PID
       austin [options] -w PID

  -c, -s, --cpu            only threads that are on a processor
  -C, --children           child processes too
  -f, --full               time, idle state and memory together
  -g, --gc                 mark samples taken during garbage collection
  -i, --interval TIME      time between samples: 100us, 1ms, 1s; a plain number is us
                           (default 100us)
  -k, --kernel             functions of the kernel, too, that threads wait in
  -m, --memory             memory instead of time
  -n, --native             functions of compiled code, too; stops threads for moments
                           (as austinp does; the default interval is then 10ms)
  -o, --output FILE        write there and not to standard output
  -p, --pid PID            sample this running process
  -P, --pipe               for front ends: nothing but the stream and errors
  -t, --timeout TIME       wait this long for Python to start: 500ms, 5s; a plain
                           number is ms (default 3s)
  -w, --where PID          every stack of a process, once
  -x, --exposure TIME      stop after this time: 500ms, 10s; a plain number is s`;

const TEXT_ONLY = `  -b, --binary             a MOJO stream instead of text
  -h, --heap MB            accepted, and not needed`;

const GENERAL = `  -?, --help               this text
      --usage              only the forms of the command line
  -V, --version            the version of Austin that this replaces`;

const MODE: Record<Generation, string> = {
  3: 'This is the text stream of Austin 3.7 (`austin3`, or AUSTIN_COMPAT=3).',
  4: '`austin3`, or AUSTIN_COMPAT=3, writes the text stream of Austin 3.7 instead of MOJO.',
};

const TITLE = 'A profiler for CPython: samples the stacks of a running program and never stops it.';
const NATIVE_TITLE =
  'A profiler for CPython and the compiled code it calls: `austinp` is `austin --native`, every 10ms unless asked otherwise.';

/** @param ownVersion that of this package, which is not the one that front ends are told */
export function helpText(generation: Generation, ownVersion: string, program: ClassicProgram): string {
  const options = [CLASSIC, ...(generation === 3 ? [TEXT_ONLY] : []), GENERAL].join('\n');
  return [
    program === 'austinp' ? NATIVE_TITLE : TITLE,
    MODERN,
    options,
    `Options end at the first word that is none, or at --.\n${MODE[generation]}`,
    `austin-profiler ${ownVersion}`,
    '',
  ]
    .join('\n\n')
    .replace(/\n\n$/, '\n');
}

export function usageText(program: ClassicProgram): string {
  return `Usage: ${program} [-abcCefgkmnPsV?] [-i TIME] [-o FILE] [-t TIME] [-x TIME] command...
       ${program} [-abcCefgkmnPsV?] [-i TIME] [-o FILE] [-t TIME] [-x TIME] -p PID
       ${program} [-CknP] [-o FILE] [-t TIME] -w PID
       austin record|where|convert ...
`;
}
