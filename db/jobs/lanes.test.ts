import { expect, test } from "vitest";
import { Lanes } from "./lanes.ts";

const inputs = [1, 2, 3, 4, 5].flatMap((of) => ["dead", "slow", "well"].map((serverId) => ({ of, serverId })));

test("a server that does not answer holds up no other, neither in this round nor in the next", async () => {
  const lanes = new Lanes();
  const never = Promise.withResolvers<void>();
  const done: string[] = [];
  let [dead, most] = [0, 0];
  const run = async ({ of, serverId }: Record<string, unknown>) => {
    if (serverId === "dead") {
      most = Math.max(most, ++dead);
      await never.promise;
      dead--;
    }
    done.push(`${serverId} ${of}`);
  };
  const others = inputs.flatMap(({ of, serverId }) => (serverId === "dead" ? [] : [`${serverId} ${of}`]));
  await lanes.run(inputs, run, 100);
  expect(done.toSorted()).toEqual(others.toSorted());
  await lanes.run(inputs, run, 100);
  expect(done.toSorted()).toEqual([...others, ...others].toSorted());
  expect(most).toBe(2);
  never.resolve();
  await expect.poll(() => done.filter((one) => one.startsWith("dead")).length).toBe(5);
  expect(most).toBe(2);
});
