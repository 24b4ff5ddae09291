import { randomUUID } from "node:crypto";
import { environment } from "#db/environment.ts";
import type { Visit } from "#db/staff/contract.ts";
import { socketAddress } from "./socket-address.ts";

/** Where a request comes from. Nothing that a browser can write decides about the address. */
export function visitOf(headers: Headers): Visit {
  return {
    ip: addressOf(headers),
    userAgent: headers.get("user-agent")?.slice(0, 400) ?? null,
    requestId: randomUUID(),
  };
}

/** The socket's address, or behind n proxies of our own the n-th last address that they noted. */
function addressOf(headers: Headers): string | null {
  const hops = environment().CARETAKER_PROXY_HOPS;
  if (hops === 0) return socketAddress(headers);
  const noted = (headers.get("x-forwarded-for") ?? "").split(",").map((address) => address.trim());
  return noted.at(-hops) || null;
}
