/** Where each rule comes from: PostgreSQL's own documentation, or a linter that looks for the same. */
export const sources = {
  rowSecurity: "https://www.postgresql.org/docs/current/ddl-rowsecurity.html",
  createPolicy: "https://www.postgresql.org/docs/current/sql-createpolicy.html",
  createView: "https://www.postgresql.org/docs/current/sql-createview.html",
  createFunction: "https://www.postgresql.org/docs/current/sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY",
  volatility: "https://www.postgresql.org/docs/current/xfunc-volatility.html",
  currentSetting: "https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-SET",
  materialised: "https://github.com/supabase/splinter/blob/main/lints/0016_materialized_view_in_api.sql",
  definerView: "https://github.com/supabase/splinter/blob/main/lints/0010_security_definer_view.sql",
  noPolicy: "https://github.com/supabase/splinter/blob/main/lints/0008_rls_enabled_no_policy.sql",
  disabled: "https://github.com/supabase/splinter/blob/main/lints/0007_policy_exists_rls_disabled.sql",
  searchPath: "https://github.com/supabase/splinter/blob/main/lints/0011_function_search_path_mutable.sql",
  initPlan: "https://github.com/supabase/splinter/blob/main/lints/0003_auth_rls_initplan.sql",
} as const;
