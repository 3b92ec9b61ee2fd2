import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Advanced, FromFleet, Progress, Settled, Stock, ToFleet, Truth } from '../../devices/fleet/protocol.ts';

type Answer = Exclude<FromFleet, Progress>;

/** The fleet in its own process, one question at a time. */
export class FleetProcess {
  readonly #child: ChildProcess;
  readonly progress: Progress[] = [];
  #waiting: ((answer: Answer) => void) | undefined;
  readonly ended: Promise<number | null>;

  constructor(args: readonly string[] = []) {
    const main = fileURLToPath(new URL('../../devices/fleet/main.ts', import.meta.url));
    this.#child = fork(main, args, { serialization: 'advanced', stdio: 'inherit' });
    this.#child.on('message', (message: FromFleet) => {
      if (message.type === 'progress') this.progress.push(message);
      else this.#waiting?.(message);
    });
    this.ended = new Promise((resolve) => this.#child.once('exit', resolve));
    void this.ended.then((code) => this.#waiting?.({ type: 'failed', code: 'ERR_EXIT', message: `fleet ended with ${code}` }));
  }

  tell(message: ToFleet): Promise<Answer> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#child.send(message);
    });
  }

  /** @throws when the answer is of another type */
  async ask(message: Extract<ToFleet, { type: 'commission' }>): Promise<Stock>;
  async ask(message: Extract<ToFleet, { type: 'advance' }>): Promise<Advanced>;
  async ask(message: Extract<ToFleet, { type: 'settle' }>): Promise<Settled>;
  async ask(message: Extract<ToFleet, { type: 'truth' }>): Promise<Truth>;
  async ask(message: ToFleet): Promise<Answer>;
  async ask(message: ToFleet): Promise<Answer> {
    const answer = await this.tell(message);
    if (answer.type === 'failed') throw new Error(`${answer.code}: ${answer.message}`);
    return answer;
  }

  async stop(): Promise<void> {
    await this.tell({ type: 'stop' });
    await this.ended;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
