import {
  FrameKind,
  type FunctionId,
  type Hotness,
  metadataValue,
  type Profile,
  type ProfileSummary,
  SampleFlag,
  sampleCount,
  summarize,
  wilson,
} from '@austin-profiler/profile';
import type { WriteOptions } from '../../format.js';
import { markedName } from '../../kind-mark.js';
import { formatCount, formatInterval, formatPercent, formatWeight } from '../../numbers.js';
import { summaryOptions } from '../../summary.js';
import { UNNAMED } from '../../synthetic-names.js';
import { threadTitle } from '../../thread-samples.js';
import { WEIGHT_TITLES } from '../../weight-titles.js';
import { type WeightType, weightTypes } from '../../weights.js';

/** Rows of a table of functions or lines; what is below is rarely worth a look. */
const MAX_ROWS = 25;

/** A table of texts as they come: whoever prints it escapes them. */
export interface Table {
  readonly title: string;
  readonly columns: readonly { readonly title: string; readonly isNumber: boolean }[];
  readonly rows: readonly (readonly string[])[];
  /** Sentences about what is not in its rows. */
  readonly notes: readonly string[];
}

/** What is true of the whole profile: pairs of a name and a text. */
export function facts(profile: Profile, options: WriteOptions): readonly (readonly [string, string])[] {
  const { flags, count, length } = profile.samples;
  let invalid = 0;
  for (let i = 0; i < length; i++) if (flags[i]! & SampleFlag.Invalid) invalid += count?.[i] ?? 1;
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
    ['Samples', plain(formatCount(sampleCount(profile)))],
    ['Stacks that could not be read whole', plain(formatCount(invalid))],
    ...profile.diagnostics.map(({ message }) => ['Note', message] as const),
  ];
}

/** The tables of each weight that the profile has, in the order to show them. */
export function tables(profile: Profile): readonly Table[] {
  const types = weightTypes(profile);
  return types.flatMap((type, at) => {
    const summary = summarize(profile, summaryOptions(profile, type));
    return summary.total > 0 || at === 0 ? ofWeight(profile, type, summary) : [];
  });
}

function ofWeight(profile: Profile, type: WeightType, summary: ProfileSummary): Table[] {
  const { tables } = profile;
  const { total: whole } = summary;
  const title = WEIGHT_TITLES[type.metric];
  const amount = (weight: number): string => plain(formatWeight(weight, type.unit));
  const shareOf = (weight: number): number => (whole === 0 ? 0 : weight / whole);
  const percent = (weight: number): string => plain(formatPercent(shareOf(weight)));
  const cells = (weight: number): string[] => [
    amount(weight),
    percent(weight),
    plain(formatInterval(wilson(shareOf(weight), summary.effectiveSamples))),
  ];
  const nameOf = (fn: FunctionId): string =>
    markedName(tables.string(tables.functionName(fn)) || UNNAMED, tables.functionKind(fn));
  const fileOf = (fn: FunctionId): string => tables.string(tables.functionFile(fn));
  const number = (name: string) => ({ title: name, isNumber: true });
  const text = (name: string) => ({ title: name, isNumber: false });
  const share = [number('Share'), number('95 % interval')];
  const byTotal = summary.functions.toSorted((a, b) => b.total - a.total || b.self - a.self);
  const lines = summary.lines.filter(({ line, self }) => line > 0 && self > 0);
  const functionRows = (hot: readonly ({ fn: FunctionId } & Hotness)[], first: 'self' | 'total') =>
    hot
      .slice(0, MAX_ROWS)
      .map((row) => [
        ...cells(row[first]),
        amount(first === 'self' ? row.total : row.self),
        nameOf(row.fn),
        fileOf(row.fn),
      ]);
  return [
    {
      title: `${title}: ${amount(whole)}, by function`,
      columns: [number('Self'), ...share, number('Total'), text('Function'), text('File')],
      rows: functionRows(summary.functions, 'self'),
      notes: [
        ...markNotes(summary, percent),
        ...kindNotes(profile, summary, percent),
        ...leftOut(summary.functions.length, 'functions'),
      ],
    },
    {
      title: `${title}: with all they called`,
      columns: [number('Total'), ...share, number('Self'), text('Function'), text('File')],
      rows: functionRows(byTotal, 'total'),
      notes: leftOut(byTotal.length, 'functions'),
    },
    {
      title: `${title}: by line`,
      columns: [number('Self'), ...share, text('Line'), text('Function')],
      rows: lines
        .slice(0, MAX_ROWS)
        .map(({ fn, line, self }) => [...cells(self), `${fileOf(fn)}:${line}`, nameOf(fn)]),
      notes: leftOut(lines.length, 'lines'),
    },
    {
      title: `${title}: by thread`,
      columns: [number('Total'), ...share, number('Process'), text('Thread')],
      rows: summary.threads.map(({ thread, total }) => [
        ...cells(total),
        String(tables.thread(thread).pid),
        threadTitle(profile, thread),
      ]),
      notes: [],
    },
  ].filter(({ rows, notes }) => rows.length > 0 || notes.length > 0);
}

/** What samples say beside their frames. */
function markNotes(
  { withoutFrames, invalid, gc }: ProfileSummary,
  percent: (weight: number) => string,
): string[] {
  return [
    ...(withoutFrames > 0 ? [`${percent(withoutFrames)} without a Python frame.`] : []),
    ...(invalid > 0 ? [`${percent(invalid)} in stacks that could not be read whole.`] : []),
    ...(gc > 0 ? [`${percent(gc)} while the garbage collector ran.`] : []),
  ];
}

/** What of the whole was spent outside of Python. */
function kindNotes(
  { tables }: Profile,
  { functions }: ProfileSummary,
  percent: (weight: number) => string,
): string[] {
  const spent = (kind: FrameKind): number =>
    functions.reduce((sum, { fn, self }) => (tables.functionKind(fn) === kind ? sum + self : sum), 0);
  const [native, kernel] = [spent(FrameKind.Native), spent(FrameKind.Kernel)];
  return [
    ...(native > 0 ? [`${percent(native)} in native code.`] : []),
    ...(kernel > 0 ? [`${percent(kernel)} in the kernel.`] : []),
  ];
}

function leftOut(count: number, what: string): string[] {
  return count > MAX_ROWS ? [`${plain(formatCount(count - MAX_ROWS))} more ${what} are left out.`] : [];
}

/** Numbers are set with blanks of their own width, which columns of a terminal do not know. */
function plain(number: string): string {
  return number.replace(/[\u00a0\u202f]/g, (blank) => (blank === '\u202f' ? ',' : ' '));
}
