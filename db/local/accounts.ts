import { type Role, roles } from "../capabilities.ts";
import { inControl } from "../control.ts";
import { systemActor } from "../mint.ts";
import { hashPassword, randomPassword } from "../staff/password.ts";

export interface DemoAccount {
  role: Role;
  email: string;
  password: string;
}

const names: Record<Role, string> = {
  administrator: "Demo administrator",
  support: "Demo support",
  compliance: "Demo compliance",
};

/** One account for each role with a new random password; an account that is there gets the new password. */
export async function makeDemoAccounts(): Promise<DemoAccount[]> {
  const accounts = roles.map((role) => ({ role, email: `${role}@caretaker.example`, password: randomPassword() }));
  const hashes = await Promise.all(accounts.map(({ password }) => hashPassword(password)));
  await inControl(systemActor("caretaker start"), (_tx, client) =>
    client.query(
      `INSERT INTO staff (email, name, role, password_hash)
       SELECT email, name, role, password_hash
         FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS account (email, name, role, password_hash)
           ON CONFLICT (lower(email)) DO UPDATE
          SET password_hash = excluded.password_hash,
              disabled_at = NULL`,
      [accounts.map(({ email }) => email), roles.map((role) => names[role]), [...roles], hashes],
    ),
  );
  return accounts;
}
