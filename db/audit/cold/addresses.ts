import { isIPv4 } from "node:net";
import type { IsTerm, RangeTerm } from "../query/terms.ts";

// PostgreSQL's inet, for the addresses that one archived month holds: compared by family, then bits, then the length of the net.

interface Address {
  family: 4 | 6;
  bits: bigint;
  length: number;
}

/** Those of `texts`, as PostgreSQL prints them, that an `ip` term means. */
export function addressesMeant(term: IsTerm | RangeTerm, texts: readonly string[]): string[] {
  if (term.op === "range") {
    const from = term.from === undefined ? null : parse(term.from);
    const to = term.to === undefined ? null : parse(term.to);
    return texts.filter((text) => {
      const address = parse(text);
      return (from === null || compare(address, from) >= 0) && (to === null || compare(address, to) <= 0);
    });
  }
  const nets = term.values.filter(({ match }) => match === "exact").map(({ text }) => parse(text));
  return texts.filter((text) => nets.some((net) => isWithin(parse(text), net)));
}

function isWithin(address: Address, net: Address): boolean {
  return (
    address.family === net.family &&
    address.length >= net.length &&
    prefix(address, net.length) === prefix(net, net.length)
  );
}

function compare(one: Address, other: Address): number {
  if (one.family !== other.family) return one.family - other.family;
  const shared = Math.min(one.length, other.length);
  const [a, b] = [prefix(one, shared), prefix(other, shared)];
  if (a !== b) return a < b ? -1 : 1;
  if (one.length !== other.length) return one.length - other.length;
  return one.bits === other.bits ? 0 : one.bits < other.bits ? -1 : 1;
}

function prefix({ family, bits }: Address, length: number): bigint {
  return bits >> BigInt((family === 4 ? 32 : 128) - length);
}

function parse(text: string): Address {
  const [host = "", length] = text.split("/");
  const family = isIPv4(host) ? 4 : 6;
  const groups = family === 4 ? host.split(".").map(Number) : groupsOf(host);
  const width = family === 4 ? 8n : 16n;
  const bits = groups.reduce((sum, group) => (sum << width) | BigInt(group), 0n);
  return { family, bits, length: length === undefined ? (family === 4 ? 32 : 128) : Number(length) };
}

/** The eight groups of an IPv6 address; the last two may be written as an IPv4 address. */
function groupsOf(host: string): number[] {
  const plain = host.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_whole, ...parts: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = parts.slice(0, 4).map(Number);
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
  const [head = "", tail] = plain.split("::");
  const numbers = (part: string) => (part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16)));
  if (tail === undefined) return numbers(head);
  const [first, last] = [numbers(head), numbers(tail)];
  return [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
}
