"use client";
import { useState } from "react";
import { ActionForm } from "#components/ui/action-form.tsx";
import { DialogButton } from "#components/ui/dialog-button.tsx";
import { Field } from "#components/ui/field.tsx";
import { Textarea } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import type { ErasureItem } from "#db/records/erasure/contract.ts";
import { chooseMethod } from "../actions.ts";
import { columnMethodWords } from "./method-words.ts";

type ItemChoiceProps = Pick<ErasureItem, "where" | "method" | "why" | "offers" | "columns"> & {
  id: string;
  item: string;
};

const words = { delete: "Delete", redact: "Redact", keep: "Keep, with a lawful reason" } as const;

/** Chooses what becomes of one finding, and of each of its columns. */
export function ItemChoice({ id, item, where, method, why, offers, columns }: ItemChoiceProps) {
  return (
    <DialogButton small label={<Label where={where} />} title={`What becomes of ${where}`}>
      <ItemForm id={id} item={item} offers={offers} columns={columns} method={method} why={why} />
    </DialogButton>
  );
}

/** Every row has such a button: what is read out says which one it is. */
function Label({ where }: { where: string }) {
  return (
    <>
      Change <span className="sr-only">{where}</span>
    </>
  );
}

function ItemForm({ id, item, offers, columns, method, why }: Omit<ItemChoiceProps, "where">) {
  const isKept = method === "keep";
  const [chosen, setChosen] = useState<string>(isKept ? "keep" : method === "delete" ? "delete" : "default");
  const options = [
    { value: "default", label: "As proposed" },
    ...offers.map((offer) => ({ value: offer, label: words[offer] })),
  ];
  return (
    <ActionForm action={chooseMethod} submit="Plan with this" hidden={{ id, item }}>
      <Field label="Method" name="method">
        <Select name="method" value={chosen} options={options} onChange={(event) => setChosen(event.target.value)} />
      </Field>
      {chosen === "keep" ? (
        <Field
          label="Lawful reason"
          name="why"
          hint="It stands on the certificate: leave out what names the person."
          required
        >
          <Textarea name="why" rows={2} maxLength={300} defaultValue={isKept ? (why ?? "") : ""} />
        </Field>
      ) : null}
      {chosen === "redact"
        ? columns
            .filter(({ offers: own }) => own.length > 0)
            .map(({ name, offers: own, method: before }) => (
              <Field key={name} label={<code>{name}</code>} name="columns">
                <Select
                  name="columns"
                  defaultValue={`${name}=${methodText(before)}`}
                  options={own.map((offer) => ({
                    value: `${name}=${offer === "text" ? methodText(before?.do === "text" ? before : { do: "text", to: "erased" }) : offer}`,
                    label: columnMethodWords[offer],
                  }))}
                />
              </Field>
            ))
        : null}
    </ActionForm>
  );
}

function methodText(method: ErasureItem["columns"][number]["method"]): string {
  if (method === null) return "";
  return method.do === "text" ? `text:${method.to}` : method.do;
}
