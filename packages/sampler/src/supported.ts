/** The first and the last CPython whose stacks can be read. */
export const SUPPORTED_PYTHONS = { oldest: '3.8', newest: '3.15' } as const;
