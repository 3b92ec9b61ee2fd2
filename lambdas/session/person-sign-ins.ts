import type { PersonSignIns } from '../../api/sign-ins.ts';
import { MOST_SIGN_INS, type SignInHistory, signInHistory } from '../../domain/sign-in/history.ts';
import type { SignInsRefused } from '../../events/index.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { instant } from '../http/instants.ts';
import { UNKNOWN, utcMonth } from '../shared/access/sign-in-streams.ts';
import { sideBySide } from '../shared/side-by-side.ts';
import type { SessionDesk } from './desk.ts';
import { stateOf } from './sign-ins.ts';

/** Of each of both lists. */
const MOST = 500;
const PERSON = 'person.';

interface Month extends SignInHistory {
  readonly person: string | null;
  readonly refused: readonly SignInsRefused[];
}

/** Who of the utility signed in in a month, and who was refused. Customers' sign-ins are theirs to see. */
export async function listPersonSignIns(desk: SessionDesk, { query }: Call<'listPersonSignIns'>): Promise<Answer> {
  const now = desk.clock.now();
  const month = query.month ?? utcMonth(now);
  await desk.signIns.flush();
  const people = await Array.fromAsync(desk.events.streams(`sign-in/${month}/${PERSON}`));
  const months = await sideBySide([...people, `sign-in/${month}/${UNKNOWN}`], (stream) => monthOf(desk, stream));
  const signIns = months
    .flatMap(({ person, signIns }) => signIns.map((one) => ({ ...one, person: person ?? '' })))
    .sort((a, b) => b.at - a.at);
  const refused = months.flatMap(({ person, refused }) => refused.map((one) => ({ ...one, person }))).sort((a, b) => b.last - a.last);
  const body: PersonSignIns = {
    month,
    signIns: signIns.slice(0, MOST).map((one) => ({
      ...{ person: one.person, role: one.role, at: instant(one.at), device: one.device, method: one.method },
      ...stateOf(one, now < one.endsAt),
      by: one.ended?.by ?? null,
    })),
    refused: refused.slice(0, MOST).map(({ first, last, ...one }) => ({ ...one, first: instant(first), last: instant(last) })),
    truncated: signIns.length > MOST || refused.length > MOST || months.some((one) => one.signIns.length === MOST_SIGN_INS),
  };
  return { body };
}

async function monthOf({ events }: SessionDesk, stream: string): Promise<Month> {
  const name = stream.slice(stream.lastIndexOf('/') + 1);
  let state = signInHistory.initial;
  const refused: SignInsRefused[] = [];
  for await (const commit of events.read(stream))
    for (const event of commit.events) {
      state = signInHistory.evolve(state, event);
      if (event.type === 'SignInsRefused') refused.push(event.data);
    }
  return { ...state, person: name.startsWith(PERSON) ? name.slice(PERSON.length) : null, refused };
}
