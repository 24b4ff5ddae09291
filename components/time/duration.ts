const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** A length of time as two units at most: "4 min 12 s", "3 h", "12 d". Below ten seconds with tenths, below one in ms. */
export function duration(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < minute) return `${seconds} s`;
  if (seconds < hour) return two(seconds, minute, "min", 1, "s");
  if (seconds < day) return two(seconds, hour, "h", minute, "min");
  return two(seconds, day, "d", hour, "h");
}

function two(seconds: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((seconds % large) / small);
  const whole = `${Math.floor(seconds / large)} ${largeName}`;
  return rest === 0 ? whole : `${whole} ${rest} ${smallName}`;
}

/**
 * "3 min ago", "in 2 h", "just now": one unit, rounded down, so that it never claims to be older than it is. Screens' clocks move in
 * steps of ten seconds, so that what is up to a step ahead of them has mostly just happened.
 */
export function relative(atMs: number, nowMs: number): string {
  const past = nowMs >= atMs;
  const seconds = Math.floor(Math.abs(nowMs - atMs) / 1000);
  if (seconds < 10) return "just now";
  const length = oneUnit(seconds);
  return past ? `${length} ago` : `in ${length}`;
}

function oneUnit(seconds: number): string {
  if (seconds < minute) return `${seconds} s`;
  if (seconds < hour) return `${Math.floor(seconds / minute)} min`;
  if (seconds < day) return `${Math.floor(seconds / hour)} h`;
  if (seconds < 60 * day) return `${Math.floor(seconds / day)} d`;
  if (seconds < 730 * day) return `${Math.floor(seconds / (30.44 * day))} mo`;
  return `${Math.floor(seconds / (365.25 * day))} y`;
}
