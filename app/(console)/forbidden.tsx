import { refusedCapability } from "#app/_server/session.ts";
import { Forbidden } from "#components/feedback/states.tsx";
import { Screen } from "#components/page/screen.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { rolesWith } from "#db/capabilities.ts";

/** A screen that the person's role does not show; the shell stays, so that they can go on. */
export default function ForbiddenScreen() {
  const capability = refusedCapability();
  return (
    <Screen
      title="Your role does not show this screen"
      answer="An administrator can change your role under Settings, Staff."
      actions={<LinkButton href="/">Go to the overview</LinkButton>}
    >
      {capability ? <Forbidden capability={capability} holders={rolesWith(capability).join(" or ")} /> : null}
    </Screen>
  );
}
