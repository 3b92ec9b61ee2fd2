import { nextQuarter, quarterStart } from '../../domain/demand/quarter.ts';
import { type Composition, NOBODY, together } from '../../domain/privacy/gate.ts';
import type { AreaQuarter } from '../../domain/privacy/tables.ts';
import type { AreaPartitioned, PublishedArea } from '../../events/index.ts';
import type { EventStore } from '../../platform/ports/event-store.ts';

/** A quarter, UTC s, [from, until). */
interface QuarterSpan {
  readonly from: number;
  readonly until: number;
}

function spanOf(quarter: string): QuarterSpan {
  return { from: quarterStart(quarter) / 1000, until: nextQuarter(quarter) / 1000 };
}

/** An interval that is out, and in which revision. */
export interface ToldRevision {
  readonly end: number;
  readonly netWh: number;
  readonly revision: number;
}

/** Areas of a quarter as the operator was told of them: this, and how they are made up, is all that tables are made from. */
export async function* toldAreas(
  events: EventStore,
  { quarter, areas }: Pick<AreaPartitioned, 'quarter' | 'areas'>,
  compositions: ReadonlyMap<string, Composition>,
): AsyncIterable<AreaQuarter & { readonly told: readonly ToldRevision[] }> {
  const span = spanOf(quarter);
  for (const area of areas) {
    const told = await toldIn(events, area, span);
    const composition = together(area.leaves.map((leaf) => compositions.get(leaf) ?? NOBODY));
    yield { area: area.area, intervalMinutes: area.intervalMinutes, composition, told };
  }
}

/** The newest value of each interval of the quarter that went out. */
async function toldIn(events: EventStore, { area }: PublishedArea, { from, until }: QuarterSpan): Promise<readonly ToldRevision[]> {
  const told = new Map<number, ToldRevision>();
  for await (const commit of events.read(`area/${area}`, 0)) {
    for (const event of commit.events) {
      if (event.type !== 'AreaDemandPublished' && event.type !== 'AreaRevised') continue;
      const { end, netWh } = event.data;
      const revision = event.type === 'AreaRevised' ? event.data.revision : 1;
      if (end > from && end <= until) told.set(end, { end, netWh, revision });
    }
  }
  return [...told.values()];
}
