import type { NextRequest } from "next/server";
import NextAuth, { type AuthOptions } from "next-auth";
import Credentials from "next-auth/providers/credentials";
import { Refusal } from "#db/errors.ts";
import { signInSchema, type Visit } from "#db/staff/contract.ts";
import { signIn } from "#db/staff/sign-in.ts";
import { cookieKeys, jwt, sessionCookie } from "./cookie.ts";
import { log } from "./log.ts";
import { isSecure } from "./origin.ts";
import { parse } from "./parse.ts";

/**
 * Lets next-auth answer one request. What the sign-in verb refuses is thrown here as it came: next-auth would put an
 * error's message into an address.
 */
export async function answerAuth(request: NextRequest, nextauth: string[], visit: Visit): Promise<Response> {
  let fault: unknown;
  const options = authOptions(async (credentials) => {
    try {
      const { token } = await signIn(parse(signInSchema, credentials), visit);
      return { id: token };
    } catch (error) {
      fault = error;
      return null;
    }
  });
  const response: Response = await NextAuth(request, { params: Promise.resolve({ nextauth }) }, options);
  if (fault) throw fault;
  if (request.method === "GET") return response;
  if (!response.headers.getSetCookie().some((cookie) => cookie.startsWith(`${sessionCookie().name}=`))) {
    throw new Refusal("invalid", "This sign-in form is too old.", { fix: "Reload the page and try again." });
  }
  return Response.json({ ok: true, data: null }, { headers: response.headers });
}

function authOptions(authorize: (credentials: unknown) => Promise<{ id: string } | null>): AuthOptions {
  return {
    secret: cookieKeys()[0],
    useSecureCookies: isSecure(),
    session: { strategy: "jwt", maxAge: jwt.maxAge },
    jwt,
    cookies: { sessionToken: sessionCookie() },
    pages: { signIn: "/sign-in", error: "/sign-in" },
    providers: [Credentials({ credentials: { email: {}, password: {} }, authorize })],
    // At sign-in `user` is what authorize gave: the cookie carries the session's secret and nothing about the person.
    callbacks: { jwt: ({ token, user }) => (user ? { session: user.id } : token) },
    logger: {
      error: (code, metadata) => log.error({ err: metadata, code }, "next-auth"),
      warn: (code) => log.warn({ code }, "next-auth"),
      debug: () => {},
    },
  };
}
