import { answerAuth } from "#app/_server/auth.ts";
import { publicHandler } from "#app/_server/handler.ts";
import { Refusal } from "#db/errors.ts";

// Of next-auth's many addresses the console needs two: the token of the sign-in form, and the sign-in itself.
const handle = publicHandler("People sign in here.", async (request, context, visit) => {
  const { nextauth } = await context.params;
  const segments = Array.isArray(nextauth) ? nextauth : [];
  const address = `${request.method} ${segments.join("/")}`;
  if (address !== "GET csrf" && address !== "POST callback/credentials") {
    throw new Refusal("not_found", "There is nothing here.");
  }
  return answerAuth(request, segments, visit);
});

export { handle as GET, handle as POST };
