/** The instant at which a zone's clocks show what a `datetime-local` input holds; null for none. */
export function instantIn(zone: string, local: string): string | null {
  const shown = Date.parse(`${local}Z`);
  if (Number.isNaN(shown)) return null;
  // The zone's distance from UTC may be another one at the instant that the first guess leads to.
  const guess = shown - ahead(zone, shown);
  return new Date(shown - ahead(zone, guess)).toISOString();
}

/** How far a zone's clocks are ahead of UTC at an instant, in milliseconds. */
function ahead(zone: string, at: number): number {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).formatToParts(at);
  const of = (type: Intl.DateTimeFormatPartTypes) => parts.find((part) => part.type === type)?.value ?? "0";
  const shown = Date.parse(
    `${of("year").padStart(4, "0")}-${of("month")}-${of("day")}T${of("hour")}:${of("minute")}:${of("second")}Z`,
  );
  return shown - Math.floor(at / 1000) * 1000;
}
