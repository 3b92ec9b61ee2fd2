import { useSignal } from '@preact/signals';
import type { Refusal } from '../../shared/session.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Dialog } from '../../shared/ui/dialog.tsx';
import { useDesk } from '../desk.ts';
import { ask } from '../model/calls.ts';
import { t } from '../text.ts';
import { Refused } from '../ui/await.tsx';
import { TextField } from '../ui/field.tsx';
import type { Feed } from './feeds-page.tsx';

interface ReplayDialogProps {
  readonly feed: Feed;
  /** @param news what was done; `undefined` = nothing */
  readonly onDone: (news: string | undefined) => void;
}

/** Says what will go out again, and to whom, before it does. */
export function ReplayDialog({ feed: { feed, sequence, delivery }, onDone }: ReplayDialogProps) {
  const { requests } = useDesk();
  const text = useSignal('');
  const refusal = useSignal<Refusal | undefined>(undefined);
  const busy = useSignal(false);
  const from = /^\d{1,9}$/.test(text.value) ? Number(text.value) : undefined;
  const valid = from !== undefined && from < sequence;
  const replay = async () => {
    if (from === undefined) return;
    busy.value = true;
    const reply = await ask(requests, 'replayFeed', { feed }, { body: { from } });
    busy.value = false;
    if (reply.ok) onDone(t('feeds.replayed', { feed: reply.body.feed, from: reply.body.from }));
    else refusal.value = reply;
  };
  const actions = (
    <>
      <Button onClick={() => onDone(undefined)}>{t('cancel')}</Button>
      <Button kind="danger" disabled={!valid || busy.value} onClick={() => void replay()}>
        {t('feeds.replay.do')}
      </Button>
    </>
  );
  return (
    <Dialog open title={t('feeds.replay.title', { feed })} onClose={() => onDone(undefined)} actions={actions}>
      <p>{t('feeds.replay.what', { recipient: delivery?.recipient ?? t('unknown') })}</p>
      <TextField
        label={t('feeds.replay.from')}
        value={text.value}
        hint={valid ? t('feeds.replay.items', { n: sequence - from }) : t('feeds.replay.wrong', { most: Math.max(0, sequence - 1) })}
        onText={(value) => {
          text.value = value;
        }}
      />
      {refusal.value !== undefined && <Refused refusal={refusal.value} />}
    </Dialog>
  );
}
