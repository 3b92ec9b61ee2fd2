import { parseArgs } from 'node:util';
import { Fleet } from './fleet.ts';
import type { FromFleet, ToFleet } from './protocol.ts';

/**
 * The fleet as a process of its own, apart from the service in memory and in keys. Started with `fork`, serialization
 * 'advanced', arguments `--state DIR` (optional); messages in protocol.ts, answered one after the other.
 */
class FleetProcess {
  readonly #stateDir: string | undefined;
  #fleet: Fleet | undefined;

  constructor(stateDir: string | undefined) {
    this.#stateDir = stateDir;
  }

  async answer(message: ToFleet): Promise<FromFleet> {
    if (message.type === 'commission') return this.#commission(message);
    if (message.type === 'stop') {
      await this.#fleet?.close();
      return { type: 'stopped' };
    }
    const fleet = this.#fleet;
    if (fleet === undefined) throw new Error(`${message.type}: there is no town yet, send commission first`);
    switch (message.type) {
      case 'commissioned':
        await fleet.connect(message);
        return { type: 'commissioned' };
      case 'advance':
        return fleet.advance(message.to);
      case 'settle':
        return fleet.settle(message.to);
      case 'truth':
        return fleet.truth(message.file);
    }
  }

  async #commission({ town }: Extract<ToFleet, { type: 'commission' }>): Promise<FromFleet> {
    if (this.#fleet !== undefined) throw new Error('commission: this fleet has its town already');
    this.#fleet = await Fleet.build({
      request: town,
      onProgress: (at, counts) => tell({ type: 'progress', at, ...counts }),
      ...(this.#stateDir === undefined ? {} : { stateDir: this.#stateDir }),
    });
    return this.#fleet.stock();
  }
}

function tell(message: FromFleet): void {
  if (process.connected) process.send?.(message);
}

function failure(error: unknown): FromFleet {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'ERR_FLEET';
  return { type: 'failed', code, message: error instanceof Error ? error.message : String(error) };
}

const { values } = parseArgs({ options: { state: { type: 'string' } } });
const fleet = new FleetProcess(values.state);
let turn = Promise.resolve();
process.on('message', (message: ToFleet) => {
  turn = turn.then(async () => {
    tell(await fleet.answer(message).catch(failure));
    if (message.type === 'stop' && process.connected) process.disconnect();
  });
});
// Ctrl-C reaches the whole group; when to end is the driver's decision
process.on('SIGINT', () => {});
// whoever drives the fleet is gone: keep what is there and end
process.on('disconnect', () => {
  turn = turn
    .then(() => fleet.answer({ type: 'stop' }))
    .then(
      () => process.exit(0),
      () => process.exit(1),
    );
});
