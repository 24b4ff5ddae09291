import { clsx } from "clsx";
import type { ComponentProps } from "react";

/** Where a cell goes when the row is two lines: the first line's words, its end, the second line, or nowhere. */
export type Narrow = "title" | "end" | "meta" | "hidden" | "select";

interface TableProps extends ComponentProps<"table"> {
  /** What the table lists, for those who cannot see it. */
  label: string;
  /** Two-line rows below 640 px; off for tables of two or three short columns. */
  stacks?: boolean;
  sticky?: boolean;
}

/** A real table. Rows are as high as the density says. */
export function Table({ label, stacks = true, sticky = false, className, ...rest }: TableProps) {
  return (
    <table
      aria-label={label}
      data-stacks={stacks ? "" : undefined}
      data-sticky={sticky ? "" : undefined}
      className={clsx("data-table", className)}
      {...rest}
    />
  );
}

interface HeadProps {
  /** In the order of the cells. Units belong here and not into the cells. */
  columns: { label: string; align?: "end"; width?: string; hidden?: boolean }[];
}

export function Head({ columns }: HeadProps) {
  return (
    <thead>
      <tr>
        {columns.map((column) => (
          <th key={column.label} scope="col" data-align={column.align} className={column.width}>
            {column.hidden ? <span className="sr-only">{column.label}</span> : column.label}
          </th>
        ))}
      </tr>
    </thead>
  );
}

export function Row(props: ComponentProps<"tr">) {
  return <tr {...props} />;
}

interface CellProps extends Omit<ComponentProps<"td">, "align"> {
  align?: "end";
  mono?: boolean;
  narrow?: Narrow;
}

export function Cell({ align, mono, narrow, className, ...rest }: CellProps) {
  return <td data-align={align} data-narrow={narrow} className={clsx(mono && "font-mono", className)} {...rest} />;
}
