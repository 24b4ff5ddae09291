/**
 * The trigger of the textbooks: one row at a time, whole old row, whole new row, and the difference. It writes to a log of the same
 * columns, indexes and partitions as Caretaker's, so that only the capture differs.
 */
export const textbook = `
CREATE SCHEMA textbook;
CREATE TABLE textbook.audit_logs (LIKE caretaker.audit_logs_indexed INCLUDING ALL) PARTITION BY RANGE (created_at);
CREATE TABLE textbook.audit_logs_this_month PARTITION OF textbook.audit_logs
  FOR VALUES FROM (date_trunc('month', now())) TO (date_trunc('month', now()) + interval '1 month');
CREATE SEQUENCE textbook.entry_sequence;
ALTER TABLE textbook.audit_logs ALTER created_at SET DEFAULT now(), ALTER id SET DEFAULT nextval('textbook.entry_sequence'),
  ALTER transaction_id SET DEFAULT pg_current_xact_id();
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
