/**
 * The trigger of the textbooks: one row at a time, whole old row, whole new row, and the difference. It writes to a table of the
 * same columns and the same indexes as caretaker.audit_logs, without partitions, which is the faster way for it.
 */
export const textbook = `
CREATE SCHEMA textbook;
CREATE TABLE textbook.audit_logs (
  created_at timestamptz NOT NULL DEFAULT now(),
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
  action text NOT NULL,
  resource_schema text,
  resource_type text,
  resource_id text,
  tenant_id text,
  user_id text,
  request_id text,
  ip_address inet,
  user_agent text,
  old_values jsonb,
  new_values jsonb,
  changes jsonb,
  metadata jsonb,
  PRIMARY KEY (created_at, id)
);
CREATE FUNCTION textbook.audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $function$
DECLARE
  before jsonb;
  after jsonb;
  difference jsonb;
  key text;
BEGIN
  IF TG_OP <> 'INSERT' THEN
    before := to_jsonb(OLD);
    key := OLD.id;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    after := to_jsonb(NEW);
    key := NEW.id;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    SELECT jsonb_object_agg(n.key, n.value) INTO difference
      FROM jsonb_each(after) AS n WHERE n.value IS DISTINCT FROM before -> n.key;
  END IF;
  INSERT INTO textbook.audit_logs (action, resource_schema, resource_type, resource_id, tenant_id, user_id, request_id, ip_address,
                                   user_agent, old_values, new_values, changes)
  VALUES (lower(TG_OP), TG_TABLE_SCHEMA, TG_TABLE_NAME, key,
          nullif(current_setting('app.current_tenant_id', true), ''),
          nullif(current_setting('app.current_user_id', true), ''),
          nullif(current_setting('app.request_id', true), ''),
          nullif(current_setting('app.ip_address', true), '')::inet,
          nullif(current_setting('app.user_agent', true), ''),
          before, after, difference);
  RETURN NULL;
END
$function$;
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON public.orders FOR EACH ROW EXECUTE FUNCTION textbook.audit()`;

/** Gives the textbook's table the indexes that caretaker.audit_logs has. */
export const copyIndexes = `
SELECT replace(replace(pg_get_indexdef(indexrelid), 'ON ONLY', 'ON'), 'caretaker.audit_logs', 'textbook.audit_logs') AS sql
  FROM pg_index WHERE indrelid = 'caretaker.audit_logs'::regclass AND NOT indisprimary`;
