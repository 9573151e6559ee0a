/** What is known about an event. */
export type Facts = Readonly<Record<string, string | number | boolean | undefined>>;

/** One line of the log: `2026-05-01T12:00:00.000Z info attached pid=12 python=3.12.1`. Values with spaces are quoted. */
export function logLine(time: number, level: string, event: string, facts: Facts): string {
  const words = Object.entries(facts).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${valueText(value)}`],
  );
  return `${[new Date(time).toISOString(), level.padEnd(5), event, ...words].join(' ')}\n`;
}

function valueText(value: string | number | boolean): string {
  const text = String(value);
  return /^[\w@%+:,./-]+$/.test(text) ? text : JSON.stringify(text);
}
