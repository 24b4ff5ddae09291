/** How schemas and databases of a tenant's own end. */
const own = /(?:^|_)t_([0-9a-z]{20,25})$/;
const version4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** For PostgreSQL: names of which `tenantOf` knows more. A database's begins with that of the tenant's home. */
export const schemaPattern = "^t_[0-9a-z]{20,25}$";
export const databasePattern = "(^|_)t_[0-9a-z]{20,25}$";

/** The id of the tenant that a schema or database is named for; null where the name only looks like one. */
export function tenantOf(name: string): string | null {
  const digits = own.exec(name)?.[1];
  if (!digits) return null;
  let number = 0n;
  for (const digit of digits) number = number * 36n + BigInt(Number.parseInt(digit, 36));
  const hex = number.toString(16).padStart(32, "0");
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  return version4.test(id) ? id : null;
}

/** What stands for a move in the names that it makes: the first 12 digits of its id. */
export function prefixOf(moveId: string): string {
  return moveId.replaceAll("-", "").slice(0, 12);
}
