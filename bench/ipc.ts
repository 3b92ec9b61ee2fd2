import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A process of the benchmark's own, asked one thing at a time. */
export class Helper<Request extends object, Answer extends { readonly type: string }> {
  readonly #child: ChildProcess;

  /** @param file relative to bench/ @param settings Node's flags and environment for it */
  constructor(file: string, settings: { execArgv?: readonly string[]; env?: Readonly<Record<string, string>> } = {}) {
    const path = fileURLToPath(new URL(file, import.meta.url));
    this.#child = fork(path, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: [...(settings.execArgv ?? [])],
      env: { ...process.env, ...settings.env },
    });
  }

  /** The first answer of the given type. @throws when the process says `failed` or ends */
  ask<T extends Answer['type']>(request: Request, type: T): Promise<Extract<Answer, { type: T }>> {
    return new Promise((resolve, reject) => {
      const listen = (message: unknown) => {
        const answer = message as Answer & { message?: string };
        if (answer.type === 'failed') done(() => reject(new Error(answer.message)));
        else if (answer.type === type) done(() => resolve(answer as Extract<Answer, { type: T }>));
      };
      const ended = () => done(() => reject(new Error('benchmark: a process ended early')));
      const done = (settle: () => void) => {
        this.#child.off('message', listen);
        this.#child.off('exit', ended);
        settle();
      };
      this.#child.on('message', listen);
      this.#child.once('exit', ended);
      this.#child.send(request);
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Ends it as a power cut would. Resolves when it is gone. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    this.#child.kill('SIGKILL');
    await gone;
  }

  /** Lets the process end; kills it by its pid when it doesn't. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    const patience = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
    if (this.#child.connected) this.#child.disconnect();
    await gone;
    clearTimeout(patience);
  }
}

/** In the process of a `Helper`: answers whatever is asked; what cannot be is said as `failed`, with where it happened. */
export function answering<Request extends object>(answer: (request: Request) => Promise<object>): void {
  process.on('message', (request) => {
    answer(request as Request).then(
      (answered) => process.send?.(answered),
      (error: unknown) =>
        process.send?.({ type: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
}
