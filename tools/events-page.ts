import { z } from 'zod';
import { CATALOGUE } from '../events/catalogue/catalogue.ts';
import type { CatalogueEntry } from '../events/catalogue/entry.ts';

const INTRODUCTION = `# Integration events

What leaves the register of truth, per audience, and nothing else. Made from \`events/catalogue/\` by \`npm run events\`.

Every event is a [CloudEvent](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md) in JSON. Delivery is at least
once: \`id\` names the fact, so a repeat is recognised by it. Events of one \`subject\` come in the order of the facts as far as the
change feed keeps it, which is per stream; \`data.revision\` decides where two streams meet. A changed shape is a new type with the next number;
the one before goes on for a release ([ADR 50](adr/0050-two-versions-of-an-event-for-a-release.md)). For machines: [asyncapi.yaml](asyncapi.yaml).
`;

interface JsonSchema {
  readonly type?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly minLength?: number;
  readonly description?: string;
}

/** The whole of docs/events.md. */
export function eventsPage(): string {
  const audiences = [...new Set(CATALOGUE.map(({ audience }) => audience))];
  return `${[INTRODUCTION, ...audiences.map(audiencePart)].join('\n')}`;
}

function audiencePart(audience: string): string {
  return [`## ${audience}\n`, ...CATALOGUE.filter((entry) => entry.audience === audience).map(entryPart)].join('\n');
}

function entryPart({ type, queue, ordered, says, data, former }: CatalogueEntry): string {
  const { properties = {}, required = [] } = z.toJSONSchema(data) as { properties?: Record<string, JsonSchema>; required?: string[] };
  const rows = Object.entries(properties).map(([name, schema]) => {
    const optional = required.includes(name) ? '' : ', optional';
    return `| \`${name}\` | ${kindOf(schema)}${optional} | ${schema.description ?? ''} |`;
  });
  const table = ['| field of `data` | type | meaning |', '| --- | --- | --- |', ...rows].join('\n');
  const before = former === undefined ? '' : ` Until the next release also as \`${former.type}\`.`;
  return `### \`${type}\`\n\n${says} Queue \`${queue}\`; \`subject\` is the ${ordered}.${before}\n\n${table}\n`;
}

function kindOf({ type = 'any', format, minimum }: JsonSchema): string {
  const kind = format === undefined ? type : `${type} (${format})`;
  return minimum === undefined ? kind : `${kind} from ${minimum}`;
}
