import { lookup } from "node:dns/promises";
import { BlockList, isIP, SocketAddress } from "node:net";
import { environment } from "./environment.ts";
import { Refusal } from "./errors.ts";

/** A host name, and the one checked address that is connected to in its place. */
export interface ResolvedHost {
  name: string;
  address: string;
}

interface Network {
  text: string;
  family: "ipv4" | "ipv6";
  base: string;
  prefix: number;
}

// Never a database server: this host, link-local (cloud metadata), multicast, reserved, and the IPv6 forms that carry an
// IPv4 address inside (mapped, compatible, NAT64, 6to4, Teredo). IANA special-purpose registries, RFC 6890.
const forbidden = blockList([
  ...["0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "224.0.0.0/4", "240.0.0.0/4"],
  ...["::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "fe80::/10", "fec0::/10", "ff00::/8"],
]);

// Inside the operator's own network: allowed only by a network that is named and lies wholly within one of these.
const inner = [
  ...["127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.18.0.0/15"],
  ...["::1/128", "fc00::/7"],
].map(parseNetwork);

/** Resolves a host once and answers the address to connect to, or refuses it. */
export async function resolveAllowed(host: string): Promise<ResolvedHost> {
  const name = checkedName(host);
  const addresses = isIP(name) ? [name] : await addressesOf(name);
  const networks = allowedNetworks();
  const address = addresses.find((candidate) => allows(networks, candidate));
  if (address) return { name, address };
  const [first] = addresses;
  throw new Refusal(
    "forbidden",
    `${name} is at ${first ?? "no address"}, outside the networks Caretaker may connect to.`,
    {
      fix: `If that is where the server is, add its network to CARETAKER_ALLOWED_NETWORKS, such as ${first}/${first?.includes(":") ? 128 : 32}.`,
      fieldErrors: { host: "Not in an allowed network." },
    },
  );
}

/** A plain host name or address: no socket path, no list of hosts, no zone, nothing that a driver would interpret. */
function checkedName(host: string): string {
  const name = host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
  if (isIP(name) && !name.includes("%")) return name;
  const labels = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/i;
  if (labels.test(name)) return name;
  throw new Refusal("invalid", "This is not one host name or address.", {
    fix: "Give one name such as db.example.com, or one address. Socket paths and lists of hosts are not accepted.",
    fieldErrors: { host: "One host name or address." },
  });
}

async function addressesOf(name: string): Promise<string[]> {
  const answer = lookup(name, { all: true, order: "ipv4first" });
  const late = AbortSignal.timeout(5_000);
  const ended = new Promise<never>((_, reject) => {
    late.addEventListener("abort", () => reject(Object.assign(new Error("DNS did not answer."), { code: "ETIMEOUT" })));
  });
  try {
    return (await Promise.race([answer, ended])).map((found) => found.address);
  } catch (cause) {
    throw new Refusal("unreachable", `The name ${name} has no address in DNS.`, {
      fix: "Check the spelling, and that this machine's resolver knows the name.",
      fieldErrors: { host: "Not found in DNS." },
      cause,
    });
  }
}

function allows(networks: Network[], address: string): boolean {
  if (isForbidden(address)) return false;
  const isInner = within(blockList(inner.map((network) => network.text)), address);
  const usable = isInner ? networks.filter((network) => inner.some((range) => contains(range, network))) : networks;
  if (usable.length === 0) return !isInner && networks.length === 0;
  return within(blockList(usable.map((network) => network.text)), address);
}

/** Mapped addresses (::ffff:a.b.c.d) are refused outright: BlockList would let them pass as their IPv4 self. */
function isForbidden(address: string): boolean {
  const canonical = new SocketAddress({ address, family: isIP(address) === 4 ? "ipv4" : "ipv6" }).address;
  return canonical.startsWith("::ffff:") || (canonical !== "::1" && within(forbidden, address));
}

/** CARETAKER_ALLOWED_NETWORKS. When it names none, every public address is allowed and no other. */
function allowedNetworks(): Network[] {
  const texts = environment()
    .CARETAKER_ALLOWED_NETWORKS.split(",")
    .map((text) => text.trim());
  return texts.filter((text) => text !== "").map(parseNetwork);
}

function parseNetwork(text: string): Network {
  const [base = "", bits] = text.split("/");
  const version = isIP(base);
  const width = version === 4 ? 32 : 128;
  const prefix = bits === undefined ? width : Number(bits);
  if (version === 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > width) {
    throw new Error(`CARETAKER_ALLOWED_NETWORKS is wrong: ${text} is not a network such as 10.0.0.0/8.`);
  }
  return { text: `${base}/${prefix}`, family: version === 4 ? "ipv4" : "ipv6", base, prefix };
}

function contains(range: Network, network: Network): boolean {
  return (
    range.family === network.family && range.prefix <= network.prefix && within(blockList([range.text]), network.base)
  );
}

function blockList(texts: string[]): BlockList {
  const list = new BlockList();
  for (const { base, prefix, family } of texts.map(parseNetwork)) list.addSubnet(base, prefix, family);
  return list;
}

function within(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 4 ? "ipv4" : "ipv6");
}
