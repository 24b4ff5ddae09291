import { createServer, type Server } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
import { addressWarning, choosePort, originOf, untilAnswering } from "./web.ts";

describe("the start command at an address of its own", () => {
  const host = "127.0.0.2";

  test("asks whether its port is free there, and waits for the web process there", async () => {
    const taken = createServer();
    onTestFinished(() => void taken.close());
    const port = await listening(taken, 0, "127.0.0.1");
    expect(await choosePort(port, host)).toBe(port); // which is taken at 127.0.0.1 only
    const web = createServer((_request, response) => response.end());
    onTestFinished(() => void web.close());
    await listening(web, port, host);
    await untilAnswering(port, { host, msMax: 5_000 });
    await expect(choosePort(port, host)).rejects.toMatchObject({ code: "conflict" });
    expect(originOf("::1", 3000)).toBe("http://[::1]:3000");
  });

  test("says when the machine has no such address", async () => {
    await expect(choosePort(undefined, "192.0.2.1")).rejects.toThrow("This machine has no address 192.0.2.1.");
  });

  test("says when every address would be a proxy's", () => {
    expect(addressWarning("https://caretaker.example.com", 0)).toMatch(/CARETAKER_PROXY_HOPS is 0/);
    expect(addressWarning("https://caretaker.example.com", 1)).toBeNull();
    expect(addressWarning("http://localhost:3000", 0)).toBeNull();
  });
});

function listening(server: Server, port: number, host: string): Promise<number> {
  return new Promise((done) => {
    server.listen(port, host, () => {
      const address = server.address();
      done(typeof address === "object" && address ? address.port : port);
    });
  });
}
