/** The time near a story that an address may hold; one that is no time is not worth an error. */
export function momentIn(near: string | string[] | undefined): string | null {
  const isMoment = typeof near === "string" && /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(near);
  return isMoment && !Number.isNaN(Date.parse(near)) ? near : null;
}
