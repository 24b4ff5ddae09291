const relative = /^-\d{1,4}[hdw]$/;
const whole = /^\d{4}(-\d{2}(-\d{2})?)?$/;
const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?$/;

const hours: Record<string, number> = { h: 1, d: 24, w: 168 };

/** A year, month or day in UTC, a time (UTC unless it says otherwise), or so long before now, such as -30d. */
export function isMoment(text: string): boolean {
  if (relative.test(text)) return true;
  if (whole.test(text)) return isDay(text);
  return time.test(text) && isDay(text.slice(0, 10)) && !Number.isNaN(Date.parse(zoned(text)));
}

/**
 * The ends of a range of time as ISO text, `from` included and `to` excluded. A year, month or day as an end is meant whole, and
 * so is a time that stands alone: its minute, second or fraction.
 */
export function momentBounds(range: { from?: string; to?: string }, now: number): { from?: string; to?: string } {
  const { from, to } = range;
  const alone = from !== undefined && from === to && !relative.test(from);
  return {
    ...(from === undefined ? {} : { from: startOf(from, now) }),
    ...(to === undefined ? {} : { to: alone || whole.test(to) ? endOf(to) : startOf(to, now) }),
  };
}

function startOf(text: string, now: number): string {
  if (relative.test(text)) {
    return new Date(now - Number(text.slice(1, -1)) * (hours[text.at(-1) ?? "h"] ?? 1) * 3_600_000).toISOString();
  }
  if (whole.test(text)) return `${text}${"-01-01".slice(text.length - 4)}T00:00:00Z`;
  return zoned(text);
}

function endOf(text: string): string {
  if (!whole.test(text)) return endOfTime(zoned(text));
  const [year = 0, month = 0, day = 0] = text.split("-").map(Number);
  if (month === 0) return new Date(Date.UTC(year + 1, 0)).toISOString();
  if (day === 0) return new Date(Date.UTC(year, month)).toISOString();
  return new Date(Date.UTC(year, month - 1, day + 1)).toISOString();
}

/** Fractions of a second are PostgreSQL's: JavaScript has no microseconds. */
function endOfTime(text: string): string {
  const [, head = text, fraction, zone = "Z"] = /^(.*?)(?:\.(\d+))?(Z|[+-]\d{2}:\d{2})$/.exec(text) ?? [];
  if (fraction === undefined) {
    return new Date(Date.parse(text) + (head.length > "2026-01-01T00:00".length ? 1_000 : 60_000)).toISOString();
  }
  const next = String(Number(fraction) + 1).padStart(fraction.length, "0");
  if (next.length === fraction.length) return `${head}.${next}${zone}`;
  return new Date(Date.parse(`${head}${zone}`) + 1_000).toISOString();
}

function zoned(text: string): string {
  return /(Z|[+-]\d{2}:\d{2})$/.test(text) ? text : `${text}Z`;
}

/** Whether the day is in the calendar: Date.parse takes 30 February for 2 March. */
function isDay(text: string): boolean {
  const full = `${text}${"-01-01".slice(text.length - 4)}`;
  const day = new Date(`${full}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(full);
}
