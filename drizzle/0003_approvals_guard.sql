-- The rules of a second person's approval, kept here so that no code path and no hand-written SQL gets round them:
-- a proposal starts bare and lives one hour; what it is bound to never changes; it only moves forward; the approver is
-- another person who may decide when approving and still when it is used; the proposer uses it, once.

CREATE FUNCTION approvals_refuse(rule text, message text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'approvals_guard_' || rule, MESSAGE = message;
END
$$;
--> statement-breakpoint
-- The roles with the capability approvals.decide; a test compares them with db/capabilities.ts. The row lock makes a
-- change of role wait for the transaction that relies on it.
CREATE FUNCTION approvals_may_decide(person uuid) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM public.staff
    WHERE id = person AND disabled_at IS NULL AND role IN ('administrator', 'compliance')
    FOR SHARE;
  RETURN found;
END
$$;
--> statement-breakpoint
CREATE FUNCTION approvals_active(person uuid) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM public.staff WHERE id = person AND disabled_at IS NULL FOR SHARE;
  RETURN found;
END
$$;
--> statement-breakpoint
CREATE FUNCTION approvals_guard_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.proposed_at := clock_timestamp();
  NEW.expires_at := NEW.proposed_at + interval '1 hour';
  IF num_nonnulls(NEW.approved_by, NEW.approved_at, NEW.declined_by, NEW.declined_at, NEW.used_by, NEW.used_at) > 0 THEN
    PERFORM public.approvals_refuse('bare', 'A proposal starts without a decision.');
  END IF;
  IF NOT public.approvals_active(NEW.proposed_by) THEN
    PERFORM public.approvals_refuse('proposer', 'The proposer is not an active member of staff.');
  END IF;
  RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE FUNCTION approvals_guard_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.id, NEW.verb, NEW.subject, NEW.plan_hash, NEW.reason, NEW.proposed_by, NEW.proposed_at, NEW.expires_at)
     IS DISTINCT FROM
     (OLD.id, OLD.verb, OLD.subject, OLD.plan_hash, OLD.reason, OLD.proposed_by, OLD.proposed_at, OLD.expires_at) THEN
    PERFORM public.approvals_refuse('bound', 'What a proposal is bound to does not change.');
  END IF;
  IF OLD.used_at IS NOT NULL OR OLD.declined_at IS NOT NULL THEN
    PERFORM public.approvals_refuse('forward', 'This proposal is closed.');
  END IF;
  IF OLD.expires_at <= clock_timestamp() THEN
    PERFORM public.approvals_refuse('expired', 'This proposal has expired.');
  END IF;

  IF OLD.approved_at IS NOT NULL THEN
    IF (NEW.approved_by, NEW.approved_at) IS DISTINCT FROM (OLD.approved_by, OLD.approved_at) THEN
      PERFORM public.approvals_refuse('forward', 'An approval is not taken back or given to another.');
    END IF;
  ELSIF NEW.approved_by IS NOT NULL THEN
    IF NEW.used_at IS NOT NULL THEN
      PERFORM public.approvals_refuse('forward', 'An approval is given before it is used.');
    END IF;
    IF NEW.approved_by = NEW.proposed_by OR NOT public.approvals_may_decide(NEW.approved_by) THEN
      PERFORM public.approvals_refuse('approver', 'The approver must be another person who may decide.');
    END IF;
    NEW.approved_at := clock_timestamp();
  END IF;

  IF NEW.declined_by IS NOT NULL THEN
    IF NEW.declined_by <> NEW.proposed_by AND NOT public.approvals_may_decide(NEW.declined_by) THEN
      PERFORM public.approvals_refuse('approver', 'Only the proposer or somebody who may decide declines.');
    END IF;
    NEW.declined_at := clock_timestamp();
  END IF;

  IF NEW.used_by IS NOT NULL OR NEW.used_at IS NOT NULL THEN
    IF NEW.used_by IS DISTINCT FROM NEW.proposed_by OR NOT public.approvals_active(NEW.used_by) THEN
      PERFORM public.approvals_refuse('user', 'Only its proposer uses an approval.');
    END IF;
    IF NEW.approved_by IS NULL OR NOT public.approvals_may_decide(NEW.approved_by) THEN
      PERFORM public.approvals_refuse('approver', 'The approver may not decide any more.');
    END IF;
    NEW.used_at := clock_timestamp();
  END IF;
  RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE FUNCTION approvals_guard_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM public.approvals_refuse('keep', 'Proposals are kept.');
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER approvals_guard_insert BEFORE INSERT ON approvals FOR EACH ROW EXECUTE FUNCTION approvals_guard_insert();
--> statement-breakpoint
CREATE TRIGGER approvals_guard_update BEFORE UPDATE ON approvals FOR EACH ROW EXECUTE FUNCTION approvals_guard_update();
--> statement-breakpoint
CREATE TRIGGER approvals_guard_delete BEFORE DELETE ON approvals FOR EACH ROW EXECUTE FUNCTION approvals_guard_keep();
--> statement-breakpoint
CREATE TRIGGER approvals_guard_truncate BEFORE TRUNCATE ON approvals FOR EACH STATEMENT EXECUTE FUNCTION approvals_guard_keep();
--> statement-breakpoint
ALTER TABLE approvals ENABLE ALWAYS TRIGGER approvals_guard_insert, ENABLE ALWAYS TRIGGER approvals_guard_update, ENABLE ALWAYS TRIGGER approvals_guard_delete, ENABLE ALWAYS TRIGGER approvals_guard_truncate;
