/** A stretch of time between two beginnings of months, UTC. Null is open. */
export interface Window {
  from: string | null;
  /** Excluded. */
  to: string | null;
}

export const allTime: Window = { from: null, to: null };

/** What is known of the time of all that is asked for, as ISO text; an end may be missing. */
export interface Span {
  from?: string;
  to?: string;
}

const monthsFirst = 2;
/** Of more months the rest of the log is asked at once. */
const monthsMost = 24;

/**
 * Asks for the newest rows window by window until there are enough. A statement over the whole log has the planner open each month with
 * all its indexes: for seven years 4 ms on a warm connection and 30 on a new one, while most questions are answered by the newest two
 * months. After a window that held some rows the next is as long as they let expect; after one that held none comes the rest.
 */
export async function backInTime<Row>(
  span: Span,
  limit: number,
  ask: (window: Window, limit: number) => Promise<Row[]>,
): Promise<Row[]> {
  const rows: Row[] = [];
  const oldest = span.from === undefined ? null : month(new Date(span.from));
  let to = span.to === undefined ? null : month(new Date(span.to), 1);
  let months = monthsFirst;
  for (;;) {
    const from = later(oldest, months > monthsMost ? null : month(to ?? new Date(), to ? -months : 1 - months));
    const found = await ask({ from: from?.toISOString() ?? null, to: to?.toISOString() ?? null }, limit - rows.length);
    rows.push(...found);
    if (from === oldest || rows.length >= limit) return rows;
    months = found.length === 0 ? Infinity : Math.ceil((months * 2 * (limit - rows.length)) / found.length);
    to = from;
  }
}

/** Where a time's month begins, or one so many months from it. Nothing was recorded before 1900: that is open. */
function month(time: Date, distance = 0): Date | null {
  const begins = new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + distance));
  return time.getUTCFullYear() < 1900 || begins.getUTCFullYear() < 1900 ? null : begins;
}

function later(one: Date | null, other: Date | null): Date | null {
  return one === null || (other !== null && other > one) ? other : one;
}
