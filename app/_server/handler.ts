import { unstable_rethrow } from "next/navigation";
import type { NextRequest } from "next/server";
import type { z } from "zod";
import { type Actor, authorise } from "#db/actor.ts";
import type { Capability } from "#db/capabilities.ts";
import { actorFromToken } from "#db/staff/api-tokens.ts";
import type { Visit } from "#db/staff/contract.ts";
import { signedOut } from "./action.ts";
import { failureOf, failureResponse } from "./answer.ts";
import { type Declaration, declare } from "./declared.ts";
import { requireOwnOrigin } from "./origin.ts";
import { entriesOf, parse } from "./parse.ts";
import { actorOf } from "./session.ts";
import { visitOf } from "./visit.ts";

interface RouteContext {
  params: Promise<Record<string, string | string[] | undefined>>;
}

type Handler = (request: NextRequest, context: RouteContext) => Promise<Response>;

type StaffWork<Schema extends z.ZodType> = (
  actor: Actor,
  input: z.output<Schema>,
  request: Request,
) => Promise<unknown>;

/**
 * A route handler for staff, by session or by API token (`Authorization: Bearer …`, which no browser sends by itself and
 * which therefore needs no origin). Its input is the query, the route's parameters and a write's body. What `work` gives
 * back is sent as JSON unless it is a Response; refusals are sent as `{ok: false, code, message, …}` with their status.
 */
export function staffHandler<Schema extends z.ZodType>(
  capability: Capability,
  schema: Schema,
  work: StaffWork<Schema>,
): Handler {
  return staffWrap({ capability }, schema, work);
}

/** A staff's handler that an open page asks by itself, again and again: to be asked is no sign that anybody is there. */
export function pollHandler<Schema extends z.ZodType>(
  capability: Capability,
  schema: Schema,
  work: StaffWork<Schema>,
): Handler {
  return staffWrap({ capability, poll: true }, schema, work);
}

/** A route handler for whoever is not signed in; `why` says what makes that right. */
export function publicHandler(
  why: string,
  work: (request: NextRequest, context: RouteContext, visit: Visit) => Promise<unknown>,
): Handler {
  return wrap({ public: why }, async (request, context) => {
    requireOwnOriginOfWrite(request);
    return work(request, context, visitOf(request.headers));
  });
}

function staffWrap<Schema extends z.ZodType>(
  declaration: { capability: Capability; poll?: true },
  schema: Schema,
  work: StaffWork<Schema>,
): Handler {
  return wrap(declaration, async (request, context) => {
    const token = bearer(request);
    if (token === null) requireOwnOriginOfWrite(request);
    const read = declaration.poll ? "poll" : "use";
    const actor = token === null ? await actorOf(request, read) : await actorFromToken(token, visitOf(request.headers));
    if (!actor) throw signedOut();
    authorise(actor, declaration.capability);
    return work(actor, parse(schema, await inputOf(request, context)), request);
  });
}

function wrap(
  declaration: Declaration,
  work: (request: NextRequest, context: RouteContext) => Promise<unknown>,
): Handler {
  const handler: Handler = async (request, context) => {
    try {
      return respond(await work(request, context));
    } catch (error) {
      unstable_rethrow(error);
      return failureResponse(failureOf(error, new URL(request.url).pathname));
    }
  };
  return declare(handler, declaration);
}

function respond(answer: unknown): Response {
  const response = answer instanceof Response ? answer : Response.json(answer ?? null);
  if (!response.headers.has("cache-control")) response.headers.set("cache-control", "no-store");
  return response;
}

function requireOwnOriginOfWrite(request: Request): void {
  if (request.method !== "GET" && request.method !== "HEAD") requireOwnOrigin(request.headers);
}

function bearer(request: Request): string | null {
  return /^Bearer (\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? null;
}

async function inputOf(request: Request, context: RouteContext): Promise<Record<string, unknown>> {
  const query = entriesOf(new URL(request.url).searchParams);
  return { ...query, ...(await bodyOf(request)), ...(await context.params) };
}

async function bodyOf(request: Request): Promise<Record<string, unknown>> {
  if (request.method === "GET" || request.method === "HEAD") return {};
  const type = request.headers.get("content-type") ?? "";
  if (type.startsWith("application/json")) {
    const body: unknown = await request.json().catch(() => ({}));
    return typeof body === "object" && body !== null ? { ...body } : {};
  }
  if (/^(multipart\/form-data|application\/x-www-form-urlencoded)/.test(type))
    return entriesOf(await request.formData());
  return {};
}
