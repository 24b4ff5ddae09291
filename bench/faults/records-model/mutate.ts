import { registerHooks } from "node:module";
import { mutations } from "./mutations.ts";

// node --import mutate.ts …: takes the check out of the source that CARETAKER_MUTATION names, while it is loaded.

const name = process.env.CARETAKER_MUTATION ?? "";
const mutation = mutations[name];
if (!mutation) throw new Error(`There is no mutation ${name}.`);
let applied = false;

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.endsWith(`/db/records/${mutation.file}`)) return loaded;
    applied = true;
    const source = mutation.edits.reduce((text, [from, to]) => {
      if (!text.includes(from)) throw new Error(`${mutation.file} has no "${from}" to take out.`);
      return text.replace(from, () => to);
    }, String(loaded.source));
    return { ...loaded, source };
  },
});

process.on("exit", (code) => {
  if (!applied && code === 0) console.error(`${mutation.file} was never loaded.`);
});
