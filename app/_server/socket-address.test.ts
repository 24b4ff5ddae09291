import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { noteSocketAddresses, socketAddress } from "./socket-address.ts";

test("a request carries its socket's address, over what its client wrote, and nothing before that is noted", async () => {
  const spoofed = { "x-caretaker-socket-address": "6.6.6.6" };
  expect(socketAddress(new Headers(spoofed))).toBeNull();

  noteSocketAddresses();
  const server = createServer((request, response) => {
    response.end(socketAddress(new Headers({ ...request.headers } as Record<string, string>)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const seen = await (await fetch(`http://127.0.0.1:${port}/`, { headers: spoofed })).text();
  server.close();
  expect(seen).toBe("127.0.0.1");
});
