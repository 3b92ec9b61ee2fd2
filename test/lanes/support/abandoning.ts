/** Starts a server and never ends it: the test kills this process instead. */
import { launchServer } from './launching.ts';

const { endpoint } = await launchServer(Number(process.argv[2]));
process.stdout.write(await (await fetch(endpoint)).text());
setInterval(() => undefined, 60_000);
