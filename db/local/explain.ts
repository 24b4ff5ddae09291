import { Refusal } from "../errors.ts";

interface Known {
  sign: RegExp;
  sentence: (found: RegExpMatchArray, folder: string) => [what: string, fix: string];
}

const lingering = /pre-existing shared memory block .* is still in use/;

/** What PostgreSQL says when it cannot start, and what a person can do about it. */
const known: Known[] = [
  {
    sign: /No space left on device|Disk quota exceeded/,
    sentence: (_, folder) => [
      `The disk that holds ${folder} is full.`,
      "Free some space (about 1 GB) and start again; nothing is lost.",
    ],
  },
  {
    sign: /could not bind .*?: Address already in use|could not create any TCP\/IP sockets/,
    sentence: () => [
      "The port of the private PostgreSQL server is taken by another program.",
      "Start again; another port will be chosen.",
    ],
  },
  {
    sign: /error while loading shared libraries: ([^\s:]+)|Library not loaded: (\S+)/,
    sentence: (found) => [
      `PostgreSQL lacks the library ${found[1] ?? found[2]}.`,
      "Install it, or install PostgreSQL with your system's package manager (Debian: apt-get install postgresql).",
    ],
  },
  {
    sign: /Permission denied|Read-only file system|Operation not permitted/,
    sentence: (_, folder) => [
      `PostgreSQL may not write in ${folder}.`,
      "Make the folder writable for the user that runs it, or choose another with CARETAKER_DATA.",
    ],
  },
  {
    sign: /database files are incompatible with server|initialized by PostgreSQL version (\d+)/,
    sentence: (found) => [
      `The data was made by PostgreSQL ${found[1] ?? "of another version"}.`,
      "Install that version or set PGBIN to it, or begin anew with npm run demo:reset.",
    ],
  },
  {
    sign: lingering,
    sentence: (_, folder) => [
      `Processes of a PostgreSQL server that was killed still work in ${folder}.`,
      `Wait until they have ended and start again; lsof +d ${folder} names one that stays. Nothing is lost.`,
    ],
  },
  {
    sign: /could not (?:create|map|resize) .*shared memory|could not create semaphores/,
    sentence: () => [
      "The machine has too little shared memory for PostgreSQL.",
      "In a container, give it more (docker run --shm-size=256m).",
    ],
  },
];

/** Whether a server did not start only because processes of the one before it have not ended yet. */
export function lingers(output: string): boolean {
  return lingering.test(output);
}

/** Turns the output of a server or initdb that failed into one sentence with its fix; the raw output is the cause. */
export function explain(what: string, output: string, folder: string): Refusal {
  for (const { sign, sentence } of known) {
    const found = output.match(sign);
    if (!found) continue;
    const [message, fix] = sentence(found, folder);
    return new Refusal("unsupported", message, { fix, cause: new Error(output.trim()) });
  }
  const said =
    output.match(/(?:FATAL|PANIC|error): +(.+)/)?.[1] ?? output.trim().split("\n").at(-1) ?? "it said nothing";
  return new Refusal("unsupported", `${what}: ${said.trim()}`, {
    fix: "Read its log, shown above the prompt or in the file postgres.log.",
    cause: new Error(output.trim()),
  });
}
