/**
 * A full stamp in a zone. PostgreSQL's text keeps microseconds, a JavaScript date does not, so the
 * fraction is taken from the text itself.
 */
export function stamp(at: string, zone: string, precision: "seconds" | "microseconds" = "seconds"): string {
  const date = parseMoment(at);
  if (!date) return at;
  const parts = Object.fromEntries(
    formatter(zone)
      .formatToParts(date)
      .map((part) => [part.type, part.value]),
  );
  const fraction = precision === "microseconds" ? `.${microseconds(at)}` : "";
  return `${parts.day} ${parts.month} ${parts.year}, ${parts.hour}:${parts.minute}:${parts.second}${fraction} ${parts.timeZoneName}`;
}

/** PostgreSQL prints "2026-11-22 09:40:00.123456+00"; browsers parse it only with a T and minutes in the offset. */
export function parseMoment(at: string): Date | null {
  const text = at.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00");
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? null : date;
}

function microseconds(at: string): string {
  return (/\.(\d{1,6})/.exec(at)?.[1] ?? "").padEnd(6, "0");
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    timeZoneName: "short",
  });
  formatters.set(zone, made);
  return made;
}
