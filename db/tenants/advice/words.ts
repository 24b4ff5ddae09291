/** For sentences that are kept with the advice. */
export function size(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  const at = Math.min(units.length - 1, bytes < 1024 ? 0 : Math.floor(Math.log(bytes) / Math.log(1024)));
  const value = bytes / 1024 ** at;
  return `${value >= 100 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} ${units[at]}`;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

export function count(value: number): string {
  return value.toLocaleString("en");
}
