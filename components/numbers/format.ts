const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** 12,345. */
export function count(value: number | bigint | string): string {
  return whole.format(typeof value === "string" ? BigInt(value) : value);
}

/** Exact up to the cap, then "10,000+": an honest total that never needs a full scan. */
export function cappedCount(value: number, cap = 10_000): string {
  return value > cap ? `${count(cap)}+` : count(value);
}

/** "1 tenant", "3 tenants". */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

const byteUnits = ["B", "kB", "MB", "GB", "TB", "PB"];

/** Bytes as PostgreSQL counts them, 1024 each: "0 B", "812 kB", "1.4 GB". */
export function bytes(value: number | bigint | string | null): string {
  if (value === null) return "unknown";
  let size = Number(value);
  let unit = 0;
  while (Math.abs(size) >= 1024 && unit < byteUnits.length - 1) {
    size /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || Math.abs(size) >= 100 ? 0 : 1;
  return `${size.toFixed(digits)} ${byteUnits[unit]}`;
}

/** A share between 0 and 1: "98.4 %". Never rounded up to 100 nor down to 0 when it is neither. */
export function percent(share: number | null, digits = 1): string {
  if (share === null || Number.isNaN(share)) return "unknown";
  const edge = 10 ** -digits;
  const value = share * 100;
  if (value > 100 - edge && value < 100) return `${(100 - edge).toFixed(digits)} %`;
  if (value > 0 && value < edge) return `${edge.toFixed(digits)} %`;
  return `${value.toFixed(value === 100 || value === 0 ? 0 : digits)} %`;
}
