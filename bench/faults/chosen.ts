/** The statements to strike at: every one when `strikes` is 0 or more than there are, else that many, spread by chance. */
export function chosen(statements: number, strikes: number, chance: () => number): number[] {
  const all = Array.from({ length: statements }, (_, at) => at + 1);
  if (strikes === 0 || strikes >= statements) return all;
  return Array.from({ length: strikes }, (_, at) => 1 + Math.floor(((at + chance()) * statements) / strikes));
}
