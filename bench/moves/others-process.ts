import { Application } from "../faults/ledger/application.ts";
import type { Asked } from "./others.ts";

let application: Application | null = null;

process.on("message", (asked: Asked) => {
  if (asked.what === "begin") {
    const { applicationUrl, tenants, restMs } = asked;
    application = new Application({ applicationUrl }, "none", { writers: 0, others: tenants, seed: 1, restMs });
    application.start();
  } else if (asked.what === "took") process.send?.(application?.othersTook() ?? []);
  else void application?.end().then(() => process.exit(0));
});
process.once("disconnect", () => process.exit(0));
