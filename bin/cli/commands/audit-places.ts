import { addPlaceInput, type PlaceDelivery, type PlaceView } from "#db/audit/proof/places/contract.ts";
import { listPlaces } from "#db/audit/proof/places/list.ts";
import { addPlace, removePlace } from "#db/audit/proof/places/manage.ts";
import { type Command, only, parse, text } from "../command.ts";
import { pick } from "../find.ts";
import { readSecret } from "../secret.ts";
import { table } from "../table.ts";

const list: Command = {
  name: "audit places list",
  usage: "",
  summary: "List the places that signed checkpoints go to, and how far each log has got there",
  async run(actor) {
    const places = await listPlaces(actor);
    const rows = places.flatMap((place) => place.deliveries.map((delivery) => ({ ...place, ...delivery })));
    const shown = table<PlaceView & PlaceDelivery>(
      [
        { title: "place", value: ({ name }) => name },
        { title: "where", value: ({ place }) => place },
        { title: "database", value: ({ databaseName }) => databaseName },
        { title: "state", value: ({ standing }) => standing },
        { title: "delivered", value: ({ delivered }) => delivered, end: true },
        { title: "waiting", value: ({ waiting }) => waiting, end: true },
        { title: "since", value: ({ behindSince }) => behindSince },
        { title: "in the way", value: ({ error }) => error },
      ],
      rows,
    );
    return { json: { places }, text: shown };
  },
};

const add: Command = {
  name: "audit places add",
  usage:
    "NAME --folder PATH | --webhook URL | --bucket NAME --region REGION --access-key ID [--prefix FOLDER] [--endpoint URL]",
  summary: "Put every signed checkpoint there as well; a bucket's secret key is read from standard input",
  options: {
    folder: { type: "string" },
    webhook: { type: "string" },
    bucket: { type: "string" },
    region: { type: "string" },
    "access-key": { type: "string" },
    prefix: { type: "string" },
    endpoint: { type: "string" },
  },
  async run(actor, input) {
    const [folder, url, bucket] = [text(input, "folder"), text(input, "webhook"), text(input, "bucket")];
    const kind = folder !== undefined ? "folder" : url !== undefined ? "webhook" : "s3";
    const given = parse(addPlaceInput, {
      name: only(input, "the place"),
      kind,
      folder,
      url,
      bucket,
      region: text(input, "region"),
      prefix: text(input, "prefix"),
      endpoint: text(input, "endpoint"),
      accessKeyId: text(input, "access-key"),
      secretAccessKey: kind === "s3" ? await readSecret("Secret access key: ") : undefined,
    });
    const made = await addPlace(actor, given);
    const secret = made.secret === null ? "" : `\nIts signing secret, which is not shown again: ${made.secret}`;
    return { json: made, text: `Added ${given.name}; the newest checkpoints are on their way.${secret}` };
  },
};

const remove: Command = {
  name: "audit places remove",
  usage: "PLACE",
  summary: "Put no more checkpoints there; what is there stays",
  async run(actor, input) {
    const places = await listPlaces(actor);
    const id = pick("place", only(input, "a place"), places, (place) => [place.id, place.name]);
    await removePlace(actor, { id });
    return { json: { id }, text: "Removed. What is there stays." };
  },
};

export const placeCommands: Command[] = [list, add, remove];
