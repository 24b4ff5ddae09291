import { type HealthCheck, unknown } from "./check.ts";
import { earlierSample, gained, type Readings, readingsSql, readReadings } from "./readings.ts";

// Tables 99 %: pghero. Indexes 95 %: ours, looser than pghero's 99, since a cold index page is read once for many rows.
const tableMin = 0.99;
const indexMin = 0.95;
// Fewer block accesses than this say nothing about the cache.
const accessesMin = 10_000;

export const tableCache = cache({
  id: "table-cache",
  title: "Table reads from cache",
  what: "table",
  read: "heapRead",
  hit: "heapHit",
  warning: tableMin,
});

export const indexCache = cache({
  id: "index-cache",
  title: "Index reads from cache",
  what: "index",
  read: "indexRead",
  hit: "indexHit",
  warning: indexMin,
});

/** Between two samples, never since the counters began: a lifetime ratio hides an incident for months. */
function cache(topic: {
  id: string;
  title: string;
  what: string;
  read: Exclude<keyof Readings, "statsReset">;
  hit: Exclude<keyof Readings, "statsReset">;
  warning: number;
}): HealthCheck {
  return {
    id: topic.id,
    title: topic.title,
    unit: "ratio",
    threshold: `warning below ${topic.warning * 100} %, over the last 5 to 60 minutes`,
    sql: readingsSql,
    async run(client, facts) {
      const before = await earlierSample(facts.databaseId);
      if (!before) {
        return unknown(
          "There is no sample between 5 and 60 minutes old to compare with.",
          "The worker takes one every five minutes: look again shortly.",
        );
      }
      const after = await readReadings(client);
      const reads = gained(before.readings, after, topic.read);
      const hits = gained(before.readings, after, topic.hit);
      if (reads === null || hits === null) return unknown("The server's statistics were reset since the last sample.");
      const accesses = reads + hits;
      if (accesses < accessesMin) {
        return unknown(
          `Only ${accesses} ${topic.what} blocks were asked for since the last sample; ${accessesMin} say something.`,
        );
      }
      const ratio = hits / accesses;
      const good = ratio >= topic.warning;
      return {
        verdict: good ? "good" : "warning",
        value: ratio,
        finding: `${reads} of ${accesses} ${topic.what} blocks were not in PostgreSQL's cache.`,
        since: before.sampledAt,
        ...(good
          ? {}
          : { fix: "See which queries read most; raise shared_buffers if what is read often does not fit." }),
        evidence: {
          columns: [
            { name: "blocks", unit: "text" },
            { name: "count", unit: "count" },
          ],
          rows: [
            ["found in PostgreSQL's cache", hits],
            ["read from the system, which may have cached them", reads],
          ],
        },
      };
    },
  };
}
