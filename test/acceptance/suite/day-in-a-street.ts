import type { DomainEvent } from '../../../events/index.ts';
import { billPeriod } from '../../../lambdas/billing/bill-period.ts';
import { openBilling } from '../../../lambdas/billing/open-billing.ts';
import { openSubjectData } from '../../../lambdas/shared/access/subject-data.ts';
import { localDayAt, plusDays } from '../../../lambdas/shared/days/local-days.ts';
import { FRAME_BYTES, KID_OFFSET } from '../../../protocol/frame.ts';
import { TOPIC_RULES, upTopic } from '../../../topology/device-access.ts';
import { DAY, HOUR } from '../block.ts';
import { Neighbourhood } from './neighbourhood.ts';
import type { Uplink, World } from './target.ts';

const ZONE = 'Europe/London';
/** What was done with frames on the way through the concentrator in bad hands. */
export interface Misdeeds {
  forged: number;
  repeated: number;
  strangers: number;
  /** Readings that passed it, as the meters sealed them. */
  readonly seen: Buffer[];
}

/** One day of six homes, the first of them billed; what came of it is what the suite judges. */
export interface DayInAStreet {
  readonly block: Neighbourhood;
  /** Local date. */
  readonly day: string;
  readonly misdeeds: Misdeeds;
  /** Account and usage point whose bill waits for the day. */
  readonly billed: { readonly account: string; readonly usagePoint: string };
}

/**
 * Homes whose meters start in the street, measure for a day and six hours, and then, keys once agreed, send it all: half of
 * them over two concentrators, one of which forges, repeats, and speaks for a meter nobody knows.
 */
export async function liveADay(world: World): Promise<DayInAStreet> {
  const relaysOf = (index: number) => (index % 2 === 0 ? ['dc-1'] : ['dc-1', 'dc-2']);
  const block = await Neighbourhood.open(world, { meters: 6, dcIds: ['dc-1', 'dc-2'], relaysOf });
  const misdeeds = misbehave(block);
  const { day, end } = localDayAt(world.start / 1000, ZONE);
  block.measure(end * 1000 + 6 * HOUR);
  world.clock.step(world.start + 2 * DAY);
  for (let now = world.clock.now(), round = 0; round < 6; round++) await block.round(now + round * HOUR);
  const left = await block.quiesce();
  if (left > 0) throw new Error(`${left} slots are never acknowledged`);
  return { block, day, misdeeds, billed: { account: 'account-00001', usagePoint: 'up-00001' } };
}

/** A bill of the day before that is closed: it waits. */
export async function billAhead(world: World, { day, billed }: DayInAStreet): Promise<void> {
  const period = { from: day, until: plusDays(day, 1) };
  await billPeriod(await openBilling(world.platform('billing'), [billed.account], period), { ...billed, ...period });
}

function misbehave({ tampering }: Neighbourhood): Misdeeds {
  const misdeeds: Misdeeds = { forged: 0, repeated: 0, strangers: 0, seen: [] };
  const isReading = (bytes: Buffer) => bytes.length === FRAME_BYTES[2];
  tampering.set('dc-2', {
    up: (output) => {
      if (output.kind !== 'frame' || !isReading(output.bytes)) return [output];
      const forged = altered(output.bytes, -1);
      const stranger = altered(output.bytes, KID_OFFSET);
      misdeeds.seen.push(output.bytes);
      misdeeds.forged++;
      misdeeds.repeated++;
      misdeeds.strangers++;
      return [output, output, { ...output, bytes: forged }, { ...output, bytes: stranger }];
    },
  });
  return misdeeds;
}

/** A reading with one bit of it changed. */
export function forgery({ misdeeds }: DayInAStreet): Buffer {
  return altered(misdeeds.seen[0]!, -2);
}

/** The same bytes but for one bit. @param at from the end where it is negative */
function altered(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at < 0 ? copy.length + at : at]! ^= 1;
  return copy;
}

/** The batches that went up, as they went. */
export function batchesOf({ block }: DayInAStreet): readonly Uplink[] {
  return block.sent.filter(({ thing, topic }) => topic === upTopic(TOPIC_RULES.telemetry, thing));
}

/** What billing has recorded of the home that is billed. */
export async function billEvents(world: World, { billed, day }: DayInAStreet): Promise<readonly DomainEvent[]> {
  const billing = world.platform('billing');
  const window = { from: 0, until: 4e12, subjects: [billed.account] };
  const access = await openSubjectData(billing, { purpose: 'billing', ...window });
  const found: DomainEvent[] = [];
  for await (const { events } of billing.events.read(`bill/${billed.account}/${billed.usagePoint}.${day}`, 0, access))
    found.push(...events);
  return found;
}
