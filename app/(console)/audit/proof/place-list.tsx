import Link from "next/link";
import { EmptyState } from "#components/feedback/states.tsx";
import { Section } from "#components/page/section.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import type { PlaceView } from "#db/audit/proof/places/contract.ts";
import { Standing } from "../streams/standing.tsx";

/** Where signed checkpoints go besides the console's own store, and what is late. */
export function PlaceList({ places, mayAdd }: { places: PlaceView[]; mayAdd: boolean }) {
  return (
    <Section
      title="Places for checkpoints"
      answer="What lies in the console's own store alone, whoever runs the console can remove."
      aside={mayAdd && places.length > 0 ? <LinkButton href="/audit/proof/places/new">Add a place</LinkButton> : null}
    >
      {places.length === 0 ? (
        <EmptyState
          title="Checkpoints are kept by the console alone"
          action={mayAdd ? <LinkButton href="/audit/proof/places/new">Add a place</LinkButton> : null}
        >
          A folder, a bucket or a webhook in somebody else's hands gets each of them within two minutes of its
          signature.
        </EmptyState>
      ) : (
        <PlaceTable places={places} />
      )}
    </Section>
  );
}

function PlaceTable({ places }: { places: PlaceView[] }) {
  return (
    <Table label="Places for checkpoints">
      <Head
        columns={[
          { label: "Place" },
          { label: "State" },
          { label: "To" },
          { label: "Behind since" },
          { label: "Last delivered" },
          { label: "What is in the way" },
        ]}
      />
      <tbody>
        {places.map(({ id, name, standing, place, deliveries }) => (
          <Row key={id}>
            <Cell narrow="title">
              <Link href={`/audit/proof/places/${id}`}>{name}</Link>
            </Cell>
            <Cell narrow="end">
              <Standing standing={standing} />
            </Cell>
            <Cell mono className="[overflow-wrap:anywhere]">
              {place}
            </Cell>
            <Cell>
              <When at={sorted(deliveries.map(({ behindSince }) => behindSince))[0]} none="nothing waits" />
            </Cell>
            <Cell>
              <When at={sorted(deliveries.map(({ deliveredAt }) => deliveredAt)).at(-1)} none="nothing yet" />
            </Cell>
            <Cell className="[overflow-wrap:anywhere]">{deliveries.find(({ error }) => error)?.error ?? ""}</Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

/** Those that there are, oldest first. */
function sorted(times: (string | null)[]): string[] {
  return times.filter((time) => time !== null).toSorted();
}
