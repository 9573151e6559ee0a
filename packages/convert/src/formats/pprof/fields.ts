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

/** Field numbers of the messages in it, as far as they are written. */
export const ValueTypeField = { Type: 1, Unit: 2 } as const;
export const SampleField = { LocationId: 1, Value: 2, Label: 3 } as const;
export const LabelField = { Key: 1, Str: 2, Num: 3 } as const;
export const MappingField = {
  Id: 1,
  MemoryStart: 2,
  MemoryLimit: 3,
  FileOffset: 4,
  Filename: 5,
  BuildId: 6,
  HasFunctions: 7,
  HasFilenames: 8,
  HasLineNumbers: 9,
} as const;
export const LocationField = { Id: 1, MappingId: 2, Address: 3, Line: 4 } as const;
export const LineField = { FunctionId: 1, Line: 2, Column: 3 } as const;
export const FunctionField = { Id: 1, Name: 2, Filename: 4, StartLine: 5 } as const;
