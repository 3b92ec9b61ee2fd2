import { recorded } from '../../../bin/town/reconciliation.ts';
import type { Commissioned } from '../../../devices/fleet/protocol.ts';
import { concentratorThing, downTopic } from '../../../topology/device-access.ts';
import { Block, type BlockOptions } from '../block.ts';
import type { Uplink, World } from './target.ts';

/** A block of homes whose concentrators go the target's own way in. */
export class Neighbourhood extends Block {
  readonly service;
  readonly world: World;
  /** What went up, in order. */
  readonly sent: Uplink[] = [];
  readonly #listeners = new Map<string, (payload: Buffer) => void>();

  private constructor(world: World, options: BlockOptions) {
    super(options, world.start);
    this.world = world;
    const { clock } = world;
    this.service = {
      clock,
      commission: world.commission.bind(world),
      settle: () => world.settle(),
      recorded: () => recorded(world.platform('auditor')),
    };
  }

  static async open(world: World, options: BlockOptions): Promise<Neighbourhood> {
    const made = new Neighbourhood(world, options);
    await made.commission();
    return made;
  }

  override async hear(): Promise<void> {
    for (const { topic, payload } of await this.world.heard()) this.#listeners.get(topic)?.(payload);
    await super.hear();
  }

  async close(): Promise<void> {
    for (const seat of this.seats.values()) await seat.close();
  }

  protected override async connect(_commissioned: Commissioned): Promise<void> {
    for (const [dcId, seat] of this.seats) {
      const thing = concentratorThing(dcId);
      const { privateKey, certificate } = this.seatKeys.issued(dcId);
      await this.world.connect(dcId, { key: privateKey, certificate });
      await seat.use({
        publish: async (topic, payload) => {
          await this.world.deliver({ thing, topic, payload });
          this.sent.push({ thing, topic, payload });
        },
        onDown: (handler) => void this.#listeners.set(downTopic(thing), handler),
      });
    }
  }
}
