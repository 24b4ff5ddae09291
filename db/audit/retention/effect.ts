/** Why rules remove nothing of what is in PostgreSQL, and the way to it; null when months are archived. */
export function withoutEffect(databaseName: string, hotMonths: number | null): string | null {
  if (hotMonths !== null) return null;
  return `Entries are removed from archived months only, and what of ${databaseName} is in PostgreSQL is not archived: how long it stays there is not set. Set that first, for the whole database; until then no entry leaves PostgreSQL, whatever its age.`;
}
