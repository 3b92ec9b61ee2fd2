import type { AccessUnexplained, AuditEvent } from '../../events/index.ts';
import { makeReconcile } from '../../lambdas/reconcile/handler.ts';
import type { KmsRecord } from '../../platform/ports/kms-record.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { rowContextOf } from '../../platform/ports/subject-rows.ts';
import { defencesUnderTest } from '../support/defences.ts';

interface World {
  as(principal: string): Platform;
}

/** The hourly run, as often as something may be due. */
export async function reconcile(world: World, record: KmsRecord, runs = 1): Promise<void> {
  const handler = makeReconcile(world.as('reconcile'), record, defencesUnderTest());
  for (let run = 0; run < runs; run++) await handler({} as never, {} as never);
}

export async function findings(world: World): Promise<(AuditEvent & { readonly stream: string })[]> {
  const { events } = world.as('auditor');
  const found: (AuditEvent & { readonly stream: string })[] = [];
  for await (const stream of events.streams('audit/'))
    for await (const commit of events.read(stream)) for (const event of commit.events) found.push({ ...(event as AuditEvent), stream });
  return found;
}

export async function unexplained(world: World): Promise<readonly AccessUnexplained[]> {
  return (await findings(world)).flatMap((event) => (event.type === 'AccessUnexplained' ? [event.data] : []));
}

/** What a taken-over function would do: the row of somebody's month, opened with the rights it has, and nothing written down. */
export async function readAround(world: World, principal: string, rows: string): Promise<Buffer> {
  const { keys, kms } = world.as(principal);
  const row = (await keys.list(rows)).at(-1);
  if (row === undefined) throw new Error(`${rows}: no such row`);
  return await kms.decrypt(row.wrappedBy, row.wrapped, rowContextOf(row.id));
}
