import { z } from "zod";
import { capabilities, type Role, roles } from "../capabilities.ts";

/** Where a request comes from, as the session layer read it. */
export interface Visit {
  ip: string | null;
  userAgent: string | null;
  requestId: string;
}

const email = z.string().trim().toLowerCase().pipe(z.email("This is not an e-mail address.")).pipe(z.string().max(254));
const name = z.string().trim().min(1, "Give a name.").max(100);
/** Long enough to resist guessing; no rules about its characters, which only make passwords worse (NIST SP 800-63B). */
const newPassword = z.string().min(12, "Use at least 12 characters.").max(256, "Use at most 256 characters.");
const givenPassword = z.string().min(1, "Give your password.").max(256);
const role = z.enum(roles);

export const signInSchema = z.object({
  email: z.string().trim().toLowerCase().min(1).max(254),
  password: givenPassword,
});
export type SignIn = z.infer<typeof signInSchema>;

export const reauthenticateSchema = z.object({ password: givenPassword });
export const changePasswordSchema = z.object({ current: givenPassword, next: newPassword });

const createStaffSchema = z.object({ email, name, role, password: newPassword });
export type CreateStaff = z.infer<typeof createStaffSchema>;

export const inviteSchema = z.object({ email, role });
export const acceptInvitationSchema = z.object({
  token: z.string().min(20).max(200),
  /** Only for the setup link, which names nobody. */
  email: email.optional(),
  /** For a new account; one that there is keeps its name. */
  name: name.optional(),
  password: newPassword,
});
export type AcceptInvitation = z.infer<typeof acceptInvitationSchema>;

export const changeRoleSchema = z.object({ staffId: z.uuid(), role });
export const staffIdSchema = z.object({ staffId: z.uuid() });
export const idSchema = z.object({ id: z.uuid() });

export const createApiTokenSchema = z.object({
  name: z.string().trim().min(1, "Give it a name.").max(100),
  capabilities: z.preprocess(
    (value) => (typeof value === "string" ? [value] : value),
    z.array(z.enum(capabilities)).min(1, "Choose what it may do."),
  ),
  days: z.coerce.number().int().min(1).max(365),
  /** Binds the token's events to one managed database. */
  databaseId: z.preprocess((value) => (value === "" ? undefined : value), z.uuid().optional()),
});
export type CreateApiToken = z.infer<typeof createApiTokenSchema>;

/** A member of staff as people see one. Times are PostgreSQL's text. */
export interface StaffMember {
  id: string;
  email: string;
  name: string;
  role: Role;
  createdAt: string;
  disabledAt: string | null;
  lastSeenAt: string | null;
}

export interface SessionRow {
  id: string;
  ip: string | null;
  userAgent: string | null;
  createdAt: string;
  lastSeenAt: string;
  expiresAt: string;
  current: boolean;
}

export interface InvitationRow {
  id: string;
  email: string | null;
  role: Role;
  invitedBy: string | null;
  createdAt: string;
  expiresAt: string;
  expired: boolean;
}

export interface ApiTokenRow {
  id: string;
  name: string;
  capabilities: string[];
  createdAt: string;
  expiresAt: string;
  expired: boolean;
  lastUsedAt: string | null;
  databaseId: string | null;
}

/** What the join page shows of a link that still holds. */
export interface OpenInvitation {
  email: string | null;
  role: Role;
  invitedBy: string | null;
  expiresAt: string;
  /** The name of the account that there is already, also a disabled one; null where the link makes a new one. */
  account: string | null;
}
