const whole = new Intl.NumberFormat("en");

export function count(value: number): string {
  return whole.format(value);
}

const units = ["B", "kB", "MB", "GB", "TB"];

export function bytes(value: string | number | null): string {
  if (value === null) return "-";
  let size = Number(value);
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}
