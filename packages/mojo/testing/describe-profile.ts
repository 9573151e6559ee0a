import {
  type FrameInfo,
  FrameKind,
  type Profile,
  ProfileBuilder,
  SampleFlag,
  type StackId,
  type ThreadId,
} from '@austin-profiler/profile';
import { MojoReader, type ReadMojoOptions } from '../src/to-profile.js';

/** Reads a file in the given chunks; the whole of it in one if there is a single one. */
export function readProfile(chunks: Iterable<Uint8Array>, options: ReadMojoOptions = {}): Profile {
  const builder = new ProfileBuilder();
  const reader = new MojoReader(builder, options);
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return builder.build();
}

/** One line per sample, with everything the profile knows of it. */
export function describeSamples(profile: Profile): string[] {
  const { tables, samples } = profile;
  const lines: string[] = [];
  for (let i = 0; i < samples.length; i++) {
    const { pid, iid, tid } = tables.thread(samples.thread[i]! as ThreadId);
    const stack = tables
      .stackFrames(samples.stack[i]! as StackId)
      .map((id) => describeFrame(tables.frameInfo(id)));
    const flags = samples.flags[i]!;
    const words = Object.entries(SampleFlag).filter(([, bit]) => flags & bit);
    lines.push(
      [
        `${pid}/${iid}/${tid}`,
        stack.join(' > ') || '(empty)',
        `${samples.timeUs[i]}us`,
        `${samples.memoryBytes[i]}B`,
        ...words.map(([word]) => word),
      ].join(' | '),
    );
  }
  return lines;
}

export function describeMetadata(profile: Profile): string[] {
  return profile.metadata.map(({ key, value, sampleIndex }) => `${key} = ${value} @${sampleIndex}`);
}

export function describeDiagnostics(profile: Profile): string[] {
  return profile.diagnostics.map(({ code, offset, count }) => `${code} at ${offset}, ${count}x`);
}

function describeFrame(frame: FrameInfo): string {
  const kind = frame.kind === FrameKind.Native ? 'n!' : frame.kind === FrameKind.Kernel ? 'k!' : '';
  const columns = frame.column || frame.columnEnd ? `[${frame.column}..${frame.columnEnd}]` : '';
  const positions = frame.lineEnd || columns ? `-${frame.lineEnd}${columns}` : '';
  return `${kind}${frame.file}:${frame.name}:${frame.line}${positions}`;
}
