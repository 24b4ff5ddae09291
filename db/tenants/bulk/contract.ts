/** What is typed to suspend so many at once. */
export function manyTenants(count: number): string {
  return count === 1 ? "1 tenant" : `${count} tenants`;
}
