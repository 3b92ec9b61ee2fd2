import type { Platform } from '../../platform/ports/platform.ts';
import { encodeParcel } from '../../protocol/batch.ts';
import { concentratorThing, downTopic } from '../../topology/device-access.ts';

/** Sends messages to a meter, in this order, over a concentrator. Resolves when the broker took them, which proves no delivery. */
export async function publish(platform: Pick<Platform, 'downlink'>, dcId: string, meterId: string, ...messages: Buffer[]): Promise<void> {
  await platform.downlink.publish(downTopic(concentratorThing(dcId)), encodeParcel(messages.map((bytes) => ({ meterId, bytes }))));
}
