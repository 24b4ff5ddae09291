import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeControl, controlPool } from "../control.ts";
import { systemActor } from "../mint.ts";
import { auditedSince, newestEntry } from "../testing/audit.ts";
import { freshControl } from "../testing/databases.ts";
import { networkOf } from "./network.ts";
import { disableStaff } from "./people.ts";
import { readSession } from "./read-session.ts";
import { hashOf } from "./secret-text.ts";
import { signIn } from "./sign-in.ts";
import { account, nearlyExhausted, visit, waited } from "./testing.ts";

const wrong = { code: "unauthenticated", message: "The e-mail address or the password is not right." };

beforeAll(async () => {
  await freshControl();
});

afterAll(closeControl);

test("the right password opens a session that is its person's, and the audit log says so", async () => {
  const person = await account("support");
  const before = await newestEntry();
  const { token } = await signIn(person, visit());
  const actor = await readSession(token, visit());
  expect(actor).toMatchObject({ staffId: person.id, role: "support", ip: "192.0.2.1" });
  expect(await auditedSince(before)).toEqual(
    expect.arrayContaining([
      { action: "sign_in", table: "staff", by: person.id },
      { action: "create", table: "sessions", by: person.id },
    ]),
  );
});

test("the session's secret is nowhere in the database", async () => {
  const { token } = await signIn(await account("support"), visit());
  const { rows } = await controlPool().query(
    "SELECT count(*)::int AS found FROM (SELECT s::text AS line FROM sessions s UNION ALL SELECT a::text FROM caretaker.audit_logs a) t WHERE position($1 in line) > 0",
    [token],
  );
  expect(rows[0].found).toBe(0);
});

test("a wrong password, an unknown account and a disabled one get the same answer", async () => {
  const person = await account("support");
  const gone = await account("support");
  await disableStaff(systemActor("test"), { staffId: gone.id });
  await expect(signIn({ ...person, password: "wrong" }, visit("192.0.2.2"))).rejects.toMatchObject(wrong);
  await expect(signIn({ email: "nobody@example.com", password: "wrong" }, visit("192.0.2.2"))).rejects.toMatchObject(
    wrong,
  );
  await expect(signIn(gone, visit("192.0.2.2"))).rejects.toMatchObject(wrong);
});

test("an unknown account takes as long to refuse as a known one", async () => {
  const person = await account("support");
  const [known, unknown]: [number[], number[]] = [[], []];
  for (let round = 0; round < 12; round++) {
    known.push(await timed(() => signIn({ ...person, password: "wrong" }, visit(`198.51.100.${round}`))));
    unknown.push(
      await timed(() => signIn({ email: `${round}@example.com`, password: "wrong" }, visit(`198.51.100.${round}`))),
    );
  }
  // The quickest of each: whatever else the machine does only adds time. Without the hash of nobody it would be tenfold.
  const ratio = Math.min(...known) / Math.min(...unknown);
  expect(ratio).toBeGreaterThan(0.5);
  expect(ratio).toBeLessThan(2);
});

test("a refused sign-in is in the audit log, without what was typed", async () => {
  const before = await newestEntry();
  await expect(signIn({ email: "typed@example.com", password: "typed-secret" }, visit())).rejects.toMatchObject(wrong);
  expect(await auditedSince(before)).toEqual([expect.objectContaining({ action: "sign_in_refused", table: "staff" })]);
  const { rows } = await controlPool().query(
    "SELECT count(*)::int AS found FROM caretaker.audit_logs a WHERE a::text ~ 'typed'",
  );
  expect(rows[0].found).toBe(0);
});

describe("attempts", () => {
  test("after five failures from one address the next ones wait, ever longer, and say how long", async () => {
    const person = await account("support");
    await fail(person.email, "203.0.113.1", 5);
    await nearlyExhausted(person, "203.0.113.1");
    await fail(person.email, "203.0.113.1", 1);
    await expect(signIn(person, visit("203.0.113.1"))).rejects.toMatchObject({
      code: "rate_limited",
      fix: expect.stringMatching(/in 1[0-9]{2} seconds/),
    });
    await waited(person, "203.0.113.1");
    await signIn(person, visit("203.0.113.1"));
  });

  test("an outsider's failures do not keep anybody out at another address", async () => {
    const person = await account("support");
    await nearlyExhausted(person, "203.0.113.2");
    await fail(person.email, "203.0.113.2", 1);
    await signIn(person, visit("203.0.113.3"));
  });

  test("guesses from ever new addresses are slowed, by a minute at most, and not where the person was before", async () => {
    const person = await account("support");
    await signIn(person, visit("203.0.113.4"));
    const { rateLimited } = await failFromEverywhere(person.email, 45);
    expect(rateLimited).toBeGreaterThan(0);
    const { rows } = await controlPool().query<{ seconds: number }>(
      "SELECT max(extract(epoch FROM retry_at - now()))::float AS seconds FROM sign_in_attempts WHERE key LIKE 'account %'",
    );
    expect(rows[0]?.seconds).toBeLessThanOrEqual(60);
    await signIn(person, visit("203.0.113.4"));
  });

  test("an address with more than a hundred failures in a quarter of an hour waits, whatever accounts it tries", async () => {
    const address = "203.0.113.5";
    await fail("first@example.com", address, 1);
    await controlPool().query("UPDATE sign_in_attempts SET failures = 107 WHERE key = $1", [
      `address ${hashOf(address)}`,
    ]);
    await fail("next@example.com", address, 1);
    await expect(signIn(await account("support"), visit(address))).rejects.toMatchObject({ code: "rate_limited" });
  });

  test("the addresses of one IPv6 /64 count as one, and a person who was at one of them was at all", async () => {
    const person = await account("support");
    for (let host = 1; host <= 8; host++) {
      await signIn({ ...person, password: "wrong" }, visit(`2001:db8:0:7::${host}`)).catch(() => {});
    }
    await expect(signIn(person, visit("2001:DB8:0:7:ffff::9"))).rejects.toMatchObject({ code: "rate_limited" });
    await signIn(person, visit("2001:db8:0:8::1"));
    await failFromEverywhere(person.email, 45);
    await signIn(person, visit("2001:db8:0:8:1:2:3:4"));
  });

  test("an IPv6 address that stands for an IPv4 one is that one", () => {
    expect(networkOf("::ffff:203.0.113.9")).toBe("203.0.113.9");
    expect(networkOf("fe80::1%eth0")).toBe("fe80:0:0:0::/64");
    expect(networkOf("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2::/64");
    expect(networkOf("::1")).toBe("0:0:0:0::/64");
  });

  test("guesses made all at once count like guesses made one by one", async () => {
    const person = await account("support");
    const answers = await Promise.allSettled(
      Array.from({ length: 12 }, () => signIn({ ...person, password: "wrong" }, visit("203.0.113.6"))),
    );
    const looked = answers.filter((answer) => answer.status === "rejected" && answer.reason.code === "unauthenticated");
    expect(looked.length).toBeLessThanOrEqual(6);
  });

  test("a refusal for too many attempts looks at no password", async () => {
    const person = await account("support");
    await nearlyExhausted(person, "203.0.113.7");
    await fail(person.email, "203.0.113.7", 1);
    const before = await newestEntry();
    await expect(signIn(person, visit("203.0.113.7"))).rejects.toMatchObject({ code: "rate_limited" });
    expect(await auditedSince(before)).toEqual([]);
  });
});

async function fail(email: string, ip: string, times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    await expect(signIn({ email, password: "wrong" }, visit(ip))).rejects.toMatchObject({ code: "unauthenticated" });
  }
}

async function failFromEverywhere(email: string, times: number): Promise<{ rateLimited: number }> {
  let rateLimited = 0;
  for (let time = 0; time < times; time++) {
    const refused = await signIn({ email, password: "wrong" }, visit(`10.0.0.${time}`)).catch((error) => error);
    if (refused.code === "rate_limited") rateLimited++;
  }
  return { rateLimited };
}

async function timed(attempt: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await expect(attempt()).rejects.toMatchObject(wrong);
  return performance.now() - start;
}
