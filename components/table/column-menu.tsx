"use client";
import { Columns3 } from "lucide-react";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { startTransition, useOptimistic } from "react";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { Menu, MenuButton } from "#components/ui/menu.tsx";

interface ColumnMenuProps {
  columns: readonly { id: string; header: string }[];
  /** The ids of those that are shown when the address names none. */
  usual: readonly string[];
}

/** Which columns of a list are shown. The address holds the choice, so that a link and a saved view show the same. */
export function ColumnMenu({ columns, usual }: ColumnMenuProps) {
  const router = useRouter();
  const path = usePathname();
  const params = useSearchParams();
  // A box answers at once; the list follows.
  const [ids, setIds] = useOptimistic<readonly string[]>(params.get("columns")?.split(",") ?? usual);
  const shown = new Set(ids);

  function choose(chosen: readonly string[] | null) {
    const next = new URLSearchParams(params);
    next.delete("columns");
    if (chosen) next.set("columns", chosen.join());
    startTransition(() => {
      setIds(chosen ?? usual);
      router.replace(next.size === 0 ? path : `${path}?${next}`, { scroll: false });
    });
  }

  function toggle(id: string) {
    const next = columns.filter((column) => shown.has(column.id) !== (column.id === id)).map((column) => column.id);
    choose(next.join() === usual.join() || next.length === 0 ? null : next);
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
      <MenuButton onClick={() => choose(null)}>Usual columns</MenuButton>
    </Menu>
  );
}
