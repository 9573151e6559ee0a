import {
  type Hotness,
  type Interval,
  type Profile,
  type ProfileSummary,
  type SampleSummary,
  wilson,
} from '@austin-profiler/profile';
import { functionName, threadName } from './names.js';
import type { SummaryView } from './summary-view.js';
import { hottest } from './summary-view.js';

/** A summary as the JSON document of `austin summary --json`, which docs/cli.md describes. */
export function summaryJson(profile: Profile, summary: ProfileSummary, view: SummaryView): object {
  return {
    metric: view.metric.id,
    unit: view.metric.unit,
    confidence: { level: 0.95, method: 'wilson' },
    ...factsJson(summary),
    ...listsJson(profile, summary, view),
    threads: summary.threads.map((part) => ({
      ...threadName(profile, part.thread),
      share: part.total / summary.total,
      interval: limits(part.total / summary.total, summary),
      ...factsJson(part),
      ...(view.byThread && listsJson(profile, part, view)),
    })),
    diagnostics: profile.diagnostics,
  };
}

function factsJson(part: SampleSummary): object {
  const { total, samples, effectiveSamples, withoutFrames, invalid, gc } = part;
  return { total, samples, effectiveSamples, withoutFrames, invalid, gc };
}

function listsJson(profile: Profile, part: SampleSummary, view: SummaryView): object {
  return {
    functions: hottest(part.functions, view).map(({ fn, ...hotness }) => ({
      ...functionName(profile, fn),
      ...hotnessJson(hotness, part),
    })),
    lines: hottest(part.lines, view).map(({ fn, line, ...hotness }) => ({
      ...functionName(profile, fn),
      line,
      ...hotnessJson(hotness, part),
    })),
  };
}

function hotnessJson({ self, total }: Hotness, part: SampleSummary): object {
  return {
    self,
    selfShare: self / part.total,
    selfInterval: limits(self / part.total, part),
    total,
    totalShare: total / part.total,
    totalInterval: limits(total / part.total, part),
  };
}

function limits(share: number, { effectiveSamples }: SampleSummary): [low: number, high: number] | null {
  const interval: Interval | null = wilson(share, effectiveSamples);
  return interval && [interval.low, interval.high];
}
