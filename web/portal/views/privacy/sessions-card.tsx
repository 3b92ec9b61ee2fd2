import { useState } from 'preact/hooks';
import type { SessionEnded, SessionList } from '../../../../api/session.ts';
import { useLoad } from '../../../shared/load.ts';
import { patiently, pause } from '../../../shared/patience.ts';
import type { Caller } from '../../../shared/session.ts';
import { Banner } from '../../../shared/ui/banner.tsx';
import { Button } from '../../../shared/ui/button.tsx';
import { Card } from '../../../shared/ui/card.tsx';
import { Dialog } from '../../../shared/ui/dialog.tsx';
import { LoadedView } from '../../../shared/ui/loaded-view.tsx';
import type { ViewProps } from '../../view.ts';
import { t } from './messages.ts';
import { type OpenSession, SessionItem } from './session-item.tsx';

interface SessionsCardProps extends ViewProps {
  readonly onEnded: () => void;
}

/** Browsers that are signed in, each with a way to end it. */
export function SessionsCard({ caller, point: { zone }, onEnded }: SessionsCardProps) {
  const [said, say] = useState<{ readonly tone: 'good' | 'error'; readonly text: string } | undefined>(undefined);
  const [isAsking, ask] = useState(false);
  const list = useLoad(() => caller.request<SessionList>({ path: '/v1/sessions' }), [caller]);
  const end = async (sessions: readonly OpenSession[], words: (ended: number) => string) => {
    const ended = await endAll(caller, sessions);
    say(ended === sessions.length ? { tone: 'good', text: words(ended) } : { tone: 'error', text: t('endFailed') });
    await list.reload();
    onEnded();
  };
  return (
    <Card title={t('sessions')}>
      <p class="soft prose">{t('sessionsIntro')}</p>
      {said !== undefined && <Banner tone={said.tone}>{said.text}</Banner>}
      <LoadedView of={list}>
        {({ sessions }) => {
          const others = sessions.filter(({ current }) => !current);
          return (
            <>
              <ul class="sessions">
                {[...sessions.filter(({ current }) => current), ...others].map((one) => (
                  <SessionItem
                    key={one.session}
                    of={one}
                    zone={zone}
                    onEnd={() => void end([one], () => t('endedOne', { device: one.device }))}
                  />
                ))}
              </ul>
              {others.length === 0 && <p class="soft">{t('onlyThis')}</p>}
              {others.length > 1 && (
                <div>
                  <Button kind="danger" onClick={() => ask(true)}>
                    {t('endOthers')}
                  </Button>
                </div>
              )}
              <EndOthers
                open={isAsking}
                count={others.length}
                onClose={() => ask(false)}
                onConfirm={() => {
                  ask(false);
                  void end(others, (ended) => t('endedMany', { n: ended }));
                }}
              />
            </>
          );
        }}
      </LoadedView>
    </Card>
  );
}

/** As often as it takes. */
const BUSY = { statuses: [429], attempts: Number.POSITIVE_INFINITY, waitMs: () => 2_000, pause, stopped: () => false } as const;

/** One after the other, as fast as the service lets. @returns how many have ended */
async function endAll(caller: Caller, sessions: readonly OpenSession[]): Promise<number> {
  let ended = 0;
  for (const { session } of sessions) if (await hasEnded(caller, session)) ended += 1;
  return ended;
}

async function hasEnded(caller: Caller, session: string): Promise<boolean> {
  const path = `/v1/sessions/${encodeURIComponent(session)}`;
  const reply = await patiently(() => caller.request<SessionEnded>({ method: 'DELETE', path }), BUSY);
  return reply.ok || reply.status === 404;
}

interface EndOthersProps {
  readonly open: boolean;
  readonly count: number;
  readonly onClose: () => void;
  readonly onConfirm: () => void;
}

function EndOthers({ open, count, onClose, onConfirm }: EndOthersProps) {
  const actions = (
    <>
      <Button onClick={onClose}>{t('cancel')}</Button>
      <Button kind="danger" onClick={onConfirm}>
        {t('confirmEnd')}
      </Button>
    </>
  );
  return (
    <Dialog open={open} title={t('endOthersTitle')} onClose={onClose} actions={actions}>
      <p>{t('endOthersText', { n: count })}</p>
    </Dialog>
  );
}
