/** What a service does with a command's input, by the command's class name without `Command`. */
export type Answers = Readonly<Record<string, (input: never) => unknown>>;

/** A client of the SDK with a service behind it that is made of functions. @param calls gets the name of each command */
export function fakeClient<Client>(answers: Answers, calls: string[] = []): Client {
  const send = async (command: { readonly input: unknown }): Promise<unknown> => {
    const name = command.constructor.name.replace(/Command$/, '');
    calls.push(name);
    const answer = answers[name];
    if (answer === undefined) throw new Error(`the fake knows no ${name}`);
    return answer(command.input as never);
  };
  return { send } as Client;
}

/** An error as a service of AWS answers it. */
export function fault(name: string, httpStatusCode = 400): Error {
  return Object.assign(new Error(`${name}: said the service`), { name, $metadata: { httpStatusCode } });
}
