import {
  Activity,
  Archive,
  ArchiveRestore,
  Building2,
  Database,
  LayoutDashboard,
  ScrollText,
  Settings,
} from "lucide-react";
import type { ComponentType, SVGProps } from "react";

const icons: Record<string, ComponentType<SVGProps<SVGSVGElement>>> = {
  "/": LayoutDashboard,
  "/tenants": Building2,
  "/audit": ScrollText,
  "/deleted": ArchiveRestore,
  "/performance": Activity,
  "/backups": Archive,
  "/databases": Database,
  "/settings": Settings,
};

export function PlaceIcon({ href }: { href: string }) {
  const Icon = icons[href];
  return Icon ? <Icon aria-hidden="true" className="size-4 shrink-0" /> : null;
}
