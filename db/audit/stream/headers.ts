import { z } from "zod";

const headersMax = 10;

// RFC 9110: a name is a token; a value holds visible characters, spaces and tabs between them.
const name = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;
const value = /^[\x21-\x7e](?:[\t\x20-\x7e]{0,3998}[\x21-\x7e])?$/;

/** What is said about the message itself or the connection, and our own signature. */
const reserved =
  /^(?:host|user-agent|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|content-.*|proxy-.*|webhook-.*)$/i;

/** "Authorization: Bearer abc", one a line, as names and values; a name may be there once. */
export const headersText = z
  .string()
  .max(20_000)
  .default("")
  .transform((text, context): Record<string, string> => {
    const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
    const given: Record<string, string> = {};
    const refuse = (message: string) => {
      context.addIssue({ code: "custom", message });
      return z.NEVER;
    };
    if (lines.length > headersMax) return refuse(`At most ${headersMax} headers.`);
    for (const [at, line] of lines.entries()) {
      const colon = line.indexOf(":");
      const [key, held] = [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
      if (colon < 1 || !name.test(key))
        return refuse(`Line ${at + 1} is no header, such as Authorization: Bearer abc.`);
      if (reserved.test(key)) return refuse(`${key} is set by the sender itself.`);
      if (Object.keys(given).some((one) => one.toLowerCase() === key.toLowerCase()))
        return refuse(`${key} is there twice.`);
      if (!value.test(held)) return refuse(`The value of ${key} is empty, too long, or not plain text.`);
      given[key] = held;
    }
    return given;
  });
