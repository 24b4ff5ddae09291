import { z } from "zod";

const variables = z.object({
  /** The control database. */
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, "must start with postgres://")
    .refine(URL.canParse, "is no URL; a password that holds @, / or # goes into DATABASE_PASSWORD"),
  /** Goes into DATABASE_URL where that holds none, so that nobody has to encode what a URL gives a meaning to (@, /, #). */
  DATABASE_PASSWORD: z.string().min(1).optional(),
  /** The master key: 32 bytes as base64. */
  CARETAKER_KEY: z.string().refine((key) => Buffer.from(key, "base64").length === 32, "must be 32 bytes as base64"),
  /** Keys that still open older secrets while `caretaker keys rotate` re-wraps them, comma-separated. */
  CARETAKER_KEY_PREVIOUS: z.string().default(""),
  /** The origin that browsers use, such as https://caretaker.example.com. */
  CARETAKER_URL: z.url().default("http://localhost:3000"),
  /** How many proxies of our own stand before the console; each notes the address it was called from in X-Forwarded-For. */
  CARETAKER_PROXY_HOPS: z.coerce.number().int().min(0).max(5).default(0),
  /** Networks (CIDR, comma-separated) in which managed servers may live; loopback and private ranges only when named. */
  CARETAKER_ALLOWED_NETWORKS: z.string().default(""),
  /** Where backups are written. */
  CARETAKER_DATA: z.string().default(".data"),
  /** Where archived audit months and exports are kept: a folder, or s3://bucket/prefix?region=…&endpoint=… */
  CARETAKER_OBJECTS: z.string().min(1).optional(),
  /** A folder with pg_dump and its siblings; else the newest complete installation found is used. */
  PGBIN: z.string().optional(),
  /** Where the machine keeps its programs; searched for client tools last. */
  PATH: z.string().default(""),
});

const schema = variables.transform(({ DATABASE_PASSWORD, ...rest }) => ({
  ...rest,
  DATABASE_URL: DATABASE_PASSWORD ? withPassword(rest.DATABASE_URL, DATABASE_PASSWORD) : rest.DATABASE_URL,
}));

function withPassword(text: string, password: string): string {
  const url = new URL(text);
  url.password ||= encodeURIComponent(password);
  return url.href;
}

export type Environment = z.infer<typeof schema>;

let parsed: Environment | undefined;

/** The configuration, parsed once. Throws one sentence that names each wrong variable. */
export function environment(): Environment {
  if (parsed) return parsed;
  const result = schema.safeParse(process.env);
  if (!result.success) {
    const faults = result.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
    throw new Error(`The configuration is wrong: ${faults.join("; ")}.`);
  }
  parsed = result.data;
  return parsed;
}
