import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FromFleet, Progress, ToFleet } from '../../devices/fleet/protocol.ts';
import { JoulekeepError } from '../../events/index.ts';

const MAIN = fileURLToPath(new URL('../../devices/fleet/main.ts', import.meta.url));

type Answer<T extends FromFleet['type']> = Extract<FromFleet, { type: T }>;

/** The fleet in its process of its own: one request at a time, each with its answer. */
export class FleetProcess {
  readonly #child: ChildProcess;
  #waiting: { resolve: (message: FromFleet) => void; reject: (error: Error) => void } | undefined;
  onProgress: (progress: Progress) => void = () => {};

  constructor(stateDir: string) {
    this.#child = fork(MAIN, ['--state', stateDir], { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child.on('message', (message) => this.#receive(message as FromFleet));
    this.#child.on('exit', (code, signal) => {
      this.#waiting?.reject(new JoulekeepError('ERR_FLEET_GONE', `the fleet's process ended (${signal ?? `exit code ${code}`})`));
    });
  }

  /** @throws with the fleet's own code and words when it answers `failed`; ERR_FLEET_GONE when it ended */
  async ask<T extends FromFleet['type']>(request: ToFleet, answer: T): Promise<Answer<T>> {
    const message = await new Promise<FromFleet>((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#child.send(request, (error) => error && reject(error));
    });
    this.#waiting = undefined;
    if (message.type === 'failed') throw new JoulekeepError(message.code as `ERR_${Uppercase<string>}`, message.message);
    if (message.type !== answer) throw new JoulekeepError('ERR_FLEET_ANSWER', `${request.type} was answered by ${message.type}`);
    return message as Answer<T>;
  }

  /** Asks it to save its state and end; ends it by its pid when it doesn't. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    const patience = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
    await this.ask({ type: 'stop' }, 'stopped').catch(() => this.#child.kill());
    if (this.#child.connected) this.#child.disconnect();
    await gone;
    clearTimeout(patience);
  }

  /** Ends it in the middle of what it does: nothing of that is kept. */
  async abandon(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    this.#child.kill('SIGKILL');
    await gone;
  }

  #receive(message: FromFleet): void {
    if (message.type === 'progress') this.onProgress(message);
    else this.#waiting?.resolve(message);
  }
}
