"use client";
import { useQuery } from "@tanstack/react-query";
import { ChevronsUpDown, X } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { Input } from "#components/ui/input.tsx";
import { Menu, MenuHeading, MenuLink } from "#components/ui/menu.tsx";
import { type Scope, useRescope, useScope } from "./scope.ts";
import type { SearchAnswer } from "./search-contract.ts";
import { useSearch } from "./use-search.ts";

export interface ScopeDatabase {
  id: string;
  name: string;
  serverName: string;
}

/** Fleet, one database, or one tenant: what every screen is narrowed to. */
export function ScopeMenu({ databases }: { databases: ScopeDatabase[] }) {
  const scope = useScope();
  const rescope = useRescope();
  const tenant = useTenantName(scope.tenant);
  const database = databases.find((one) => one.id === scope.database);
  const databaseName =
    database?.name ?? (scope.database === "console" ? "Console" : scope.database ? "Unknown database" : null);
  const words = [databaseName, tenant].filter(Boolean).join(" / ") || "Whole fleet";
  return (
    <div className="flex min-w-0 items-center gap-1">
      <Menu
        look="ghost"
        name={`Scope: ${words}`}
        className="min-w-0 text-ink"
        label={
          <>
            <span className="truncate">{words}</span>
            <ChevronsUpDown aria-hidden="true" className="text-faint" />
          </>
        }
      >
        <ScopeChoices databases={databases} scope={scope} />
      </Menu>
      {scope.database || scope.tenant ? (
        <Link
          href={rescope({ database: null, tenant: null })}
          aria-label="Back to the whole fleet"
          className="inline-flex size-6 items-center justify-center rounded text-faint hover:bg-hover hover:text-ink"
        >
          <X aria-hidden="true" className="size-3.5" />
        </Link>
      ) : null}
    </div>
  );
}

function ScopeChoices({ databases, scope }: { databases: ScopeDatabase[]; scope: Scope }) {
  const rescope = useRescope();
  const [words, setWords] = useState("");
  const within: Record<string, string> = scope.database ? { database: scope.database } : {};
  const search = useSearch(words, { only: "tenants", ...within });
  const tenants = words.trim() ? (search.data?.hits ?? []) : [];
  return (
    <div className="w-72 max-w-full">
      <Input
        type="search"
        aria-label="Find a tenant"
        placeholder="Find a tenant by name, slug or key"
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      {tenants.map((tenant) => (
        <MenuLink key={tenant.id} href={rescope({ database: scope.database, tenant: tenant.id })}>
          <span className="truncate">{tenant.title}</span>
          <span className="ml-auto truncate text-faint text-xs">{tenant.detail}</span>
        </MenuLink>
      ))}
      {words.trim() && search.isSuccess && tenants.length === 0 ? (
        <p role="status" className="px-2 py-1 text-faint text-xs">
          No tenant matches.
        </p>
      ) : null}
      <MenuHeading>Databases</MenuHeading>
      <MenuLink href={rescope({ database: null, tenant: null })} aria-current={scope.database ? undefined : "true"}>
        Whole fleet
      </MenuLink>
      {databases.map((database) => (
        <MenuLink
          key={database.id}
          href={rescope({ database: database.id, tenant: null })}
          aria-current={scope.database === database.id ? "true" : undefined}
        >
          <span className="truncate">{database.name}</span>
          <span className="ml-auto truncate text-faint text-xs">{database.serverName}</span>
        </MenuLink>
      ))}
    </div>
  );
}

function useTenantName(id: string | null): string | null {
  const query = useQuery({
    queryKey: ["tenant name", id],
    enabled: id !== null,
    staleTime: 60_000,
    retry: false,
    queryFn: async (): Promise<string | null> => {
      const response = await fetch(`/api/search?${new URLSearchParams({ only: "tenants", q: id ?? "" })}`);
      if (!response.ok) return null;
      const answer: SearchAnswer = await response.json();
      return answer.hits.find((hit) => hit.id === id)?.title ?? null;
    },
  });
  return id === null ? null : (query.data ?? "One tenant");
}
