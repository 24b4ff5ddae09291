import { NoMatch } from "#components/feedback/states.tsx";
import { Screen } from "#components/page/screen.tsx";
import { LinkButton } from "#components/ui/button.tsx";

export default function NotFound() {
  return (
    <Screen title="Not found">
      <NoMatch title="There is nothing at this address" action={<LinkButton href="/">Go to the overview</LinkButton>}>
        What was here may have been removed, or the address may be incomplete. Press Ctrl K and paste the id to look for
        it.
      </NoMatch>
    </Screen>
  );
}
