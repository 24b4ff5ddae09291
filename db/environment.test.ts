import pg from "pg";
import { beforeAll, expect, test, vi } from "vitest";

beforeAll(() => {
  process.env.CARETAKER_KEY = Buffer.alloc(32).toString("base64");
});

async function client(url: string, password?: string): Promise<pg.Client> {
  vi.resetModules(); // the configuration is parsed once
  process.env.DATABASE_URL = url;
  if (password === undefined) delete process.env.DATABASE_PASSWORD;
  else process.env.DATABASE_PASSWORD = password;
  const { environment } = await import("./environment.ts");
  return new pg.Client(environment().DATABASE_URL);
}

test("a password beside the URL arrives as it is, whatever a URL would make of it", async () => {
  const url = "postgres://caretaker@db.example.com:5433/app";
  for (const password of ["p@ss/w#rd", "100%41", ":?&=+ '\"[]\\^|", "Zoë"]) {
    const made = await client(url, password);
    expect(made).toMatchObject({ host: "db.example.com", port: 5433, user: "caretaker", database: "app" });
    expect(made.password).toBe(password);
  }
});

test("a password inside the URL wins", async () => {
  expect((await client("postgres://caretaker:inside@db.example.com/app", "beside")).password).toBe("inside");
  expect((await client("postgres://caretaker:inside@db.example.com/app")).password).toBe("inside");
});
