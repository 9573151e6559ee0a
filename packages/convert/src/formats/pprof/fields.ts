/** Field numbers of the Profile message; see profile.proto. */
export const Field = {
  SampleType: 1,
  Sample: 2,
  Mapping: 3,
  Location: 4,
  Function: 5,
  String: 6,
  TimeNanos: 9,
  DurationNanos: 10,
  PeriodType: 11,
  Period: 12,
  Comment: 13,
  DefaultSampleType: 14,
} as const;
