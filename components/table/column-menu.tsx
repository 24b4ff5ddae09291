"use client";
import { Columns3 } from "lucide-react";
import { parseAsArrayOf, parseAsString, useQueryState } from "nuqs";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { Menu, MenuButton } from "#components/ui/menu.tsx";

interface ColumnMenuProps {
  columns: readonly { id: string; header: string }[];
  /** The ids of those that are shown when the address names none. */
  usual: readonly string[];
}

/** Which columns of a list are shown. The address holds the choice, so that a link and a saved view show the same. */
export function ColumnMenu({ columns, usual }: ColumnMenuProps) {
  const [chosen, setChosen] = useQueryState(
    "columns",
    parseAsArrayOf(parseAsString).withOptions({ shallow: false, history: "replace" }),
  );
  const shown = new Set(chosen ?? usual);

  function toggle(id: string) {
    const next = columns.filter((column) => shown.has(column.id) !== (column.id === id)).map((column) => column.id);
    void setChosen(next.join() === usual.join() || next.length === 0 ? null : next);
  }

  return (
    <Menu
      name="Columns"
      look="ghost"
      label={
        <>
          <Columns3 aria-hidden="true" />
          Columns
        </>
      }
    >
      <div className="px-2 py-1">
        {columns.map((column) => (
          <Checkbox
            key={column.id}
            label={column.header}
            checked={shown.has(column.id)}
            onChange={() => toggle(column.id)}
          />
        ))}
      </div>
      <MenuButton onClick={() => void setChosen(null)}>Usual columns</MenuButton>
    </Menu>
  );
}
