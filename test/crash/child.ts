import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A process of the project, asked one thing at a time, that can be killed as by a power cut. */
export class Child<Request extends { readonly type: string }, Answer extends { readonly type: string }> {
  readonly #child: ChildProcess;
  #waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;
  readonly #gone: Promise<void>;

  /** @param file relative to the repository */
  constructor(file: string, args: readonly string[]) {
    const path = fileURLToPath(new URL(`../../${file}`, import.meta.url));
    this.#child = fork(path, [...args], { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child.on('message', (message: Answer) => {
      if (message.type !== 'progress') this.#waiting?.resolve(message);
    });
    this.#gone = new Promise((resolve) => this.#child.once('exit', () => resolve()));
    void this.#gone.then(() => this.#waiting?.reject(new Error('the process is gone')));
  }

  /** @throws when the process says `failed` or ends first */
  async ask<T extends Answer['type']>(request: Request, type: T): Promise<Extract<Answer, { type: T }>> {
    const answer = await new Promise<Answer>((resolve, reject) => {
      this.#waiting = { resolve, reject };
      if (this.#child.connected) this.#child.send(request, (error) => error && reject(error));
      else reject(new Error('the process is gone'));
    });
    if (answer.type !== type) throw new Error(`${request.type} was answered by ${JSON.stringify(answer)}`);
    return answer as Extract<Answer, { type: T }>;
  }

  /** kill -9. Resolves when the process is gone. */
  async kill(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
    await this.#gone;
  }

  async stop(request: Request, type: Answer['type']): Promise<void> {
    await this.ask(request, type);
    if (this.#child.connected) this.#child.disconnect();
    await this.#gone;
  }
}
