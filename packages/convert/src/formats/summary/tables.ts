import { metadataValue, type Profile, SampleFlag } from '@austin-profiler/profile';
import type { WriteOptions } from '../../format.js';
import { type Part, type Summary, summarize } from '../../summary.js';
import { WEIGHT_TITLES } from '../../weight-titles.js';
import { weightTypes } from '../../weights.js';
import { formatCount, formatInterval, formatPercent, formatWeight } from '../html/page/numbers.js';

/** Rows of a table of functions or lines; what is below is rarely worth a look. */
const MAX_ROWS = 25;

/** A table of texts as they come: whoever prints it escapes them. */
export interface Table {
  readonly title: string;
  readonly columns: readonly { readonly title: string; readonly isNumber: boolean }[];
  readonly rows: readonly (readonly string[])[];
  /** A sentence about rows that are left out. */
  readonly note?: string;
}

/** What is true of the whole profile: pairs of a name and a text. */
export function facts(profile: Profile, options: WriteOptions): readonly (readonly [string, string])[] {
  const { flags, length } = profile.samples;
  let invalid = 0;
  for (let i = 0; i < length; i++) if (flags[i]! & SampleFlag.Invalid) invalid++;
  const of = (name: string, key: string): [string, string][] => {
    const value = metadataValue(profile, key);
    return value === undefined || value === '' ? [] : [[name, value]];
  };
  return [
    ...(options.name === undefined ? [] : ([['Profile', options.name]] as const)),
    ...of('Command', metadataValue(profile, 'x-command') === undefined ? 'command' : 'x-command'),
    ...of('Python', 'python'),
    ...of('Recorded', 'x-start-time'),
    ['Mode', profile.mode],
    ['Samples', plain(formatCount(length))],
    ['Stacks that could not be read whole', plain(formatCount(invalid))],
    ...profile.diagnostics.map(({ message }) => ['Note', message] as const),
  ];
}

/** The tables of each weight that the profile has, in the order to show them. */
export function tables(profile: Profile): readonly Table[] {
  const types = weightTypes(profile);
  return types.flatMap((type, at) => {
    const summary = summarize(profile, type);
    return summary.total > 0 || at === 0 ? ofWeight(summary) : [];
  });
}

function ofWeight(summary: Summary): Table[] {
  const title = WEIGHT_TITLES[summary.type.metric];
  const whole = plain(formatWeight(summary.total, summary.type.unit));
  const cells = ({ weight, share, interval }: Part): string[] =>
    [formatWeight(weight, summary.type.unit), formatPercent(share), formatInterval(interval)].map(plain);
  const number = (name: string) => ({ title: name, isNumber: true });
  const text = (name: string) => ({ title: name, isNumber: false });
  const share = [number('Share'), number('95 % interval')];
  const byTotal = [...summary.functions].sort((a, b) => b.total.weight - a.total.weight);
  return [
    {
      title: `${title}: ${whole}, by function`,
      columns: [number('Self'), ...share, number('Total'), text('Function'), text('File')],
      rows: summary.functions
        .slice(0, MAX_ROWS)
        .map(({ self, total, name, file }) => [...cells(self), cells(total)[0]!, name, file]),
      ...leftOut(summary.functions.length, 'functions'),
    },
    {
      title: `${title}: with all they called`,
      columns: [number('Total'), ...share, number('Self'), text('Function'), text('File')],
      rows: byTotal
        .slice(0, MAX_ROWS)
        .map(({ self, total, name, file }) => [...cells(total), cells(self)[0]!, name, file]),
      ...leftOut(byTotal.length, 'functions'),
    },
    {
      title: `${title}: by line`,
      columns: [number('Self'), ...share, text('Line'), text('Function')],
      rows: summary.lines
        .slice(0, MAX_ROWS)
        .map(({ self, name, file, line }) => [...cells(self), `${file}:${line}`, name]),
      ...leftOut(summary.lines.length, 'lines'),
    },
    {
      title: `${title}: by thread`,
      columns: [number('Total'), ...share, number('Process'), text('Thread')],
      rows: summary.threads.map(({ total, pid, title: name }) => [...cells(total), String(pid), name]),
    },
  ].filter(({ rows }) => rows.length > 0);
}

function leftOut(count: number, what: string): { note?: string } {
  return count > MAX_ROWS
    ? { note: `${plain(formatCount(count - MAX_ROWS))} more ${what} are left out.` }
    : {};
}

/** Numbers are set with blanks of their own width, which columns of a terminal do not know. */
function plain(number: string): string {
  return number.replace(/[\u00a0\u202f]/g, (blank) => (blank === '\u202f' ? ',' : ' '));
}
