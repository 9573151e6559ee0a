import { AustinError } from '@austin-profiler/profile';

/** @throws AustinError `ERR_USAGE_ARGUMENT` if more than one input is `-` */
export function requireStandardInputOnce(inputs: readonly string[]): void {
  if (inputs.filter((input) => input === '-').length < 2) return;
  throw new AustinError('ERR_USAGE_ARGUMENT', 'standard input can be read once only', {
    kind: 'usage',
    hint: 'write `-` for one profile, and name files for the others',
  });
}
