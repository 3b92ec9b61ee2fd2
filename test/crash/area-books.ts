import { AREA_KIND, AREA_SUMS } from '../../lambdas/project/area-sums.ts';
import { rebuildModel } from '../../lambdas/project/rebuild.ts';
import { createEmbeddedPlatform } from '../../platform/embedded/platform.ts';
import type { Platform } from '../../platform/ports/platform.ts';

/** Import and export of all areas over all time, Wh: as the function has followed the feed, and made anew. */
export async function areaBooks(stateDir: string): Promise<{ followed: number; madeAnew: number }> {
  const embedded = await createEmbeddedPlatform({ stateDir, clock: { now: () => Date.now() }, timer: false });
  try {
    const project = embedded.as('project');
    const followed = await total(project);
    await rebuildModel(project, 'segments');
    return { followed, madeAnew: await total(project) };
  } finally {
    await embedded.close();
  }
}

async function total({ models, events }: Platform): Promise<number> {
  const leaves = new Set<string>();
  for await (const stream of events.streams('segment/')) {
    for await (const commit of events.read(stream)) {
      for (const event of commit.events) if (event.type === 'MeterJoined') leaves.add(event.data.asset.areaLeaf);
    }
  }
  let energyWh = 0;
  for (const leaf of leaves) {
    for await (const { value } of models.table(AREA_SUMS).query(leaf, '')) {
      for (const { importWh, exportWh } of Object.values(AREA_KIND.read(value))) energyWh += importWh + exportWh;
    }
  }
  return energyWh;
}
