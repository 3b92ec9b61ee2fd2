import type { ComponentChildren } from 'preact';
import type { Day } from '../../../api/days.ts';
import { Tabs } from '../../shared/ui/tabs.tsx';
import type { Channel } from '../model/slots.ts';
import { t } from '../text.ts';

/** What a channel counts. */
export function channelTitle({ channel, direction, obis }: Channel): string {
  return t('day.channel', { n: channel, direction: t(`day.direction.${direction}`), obis });
}

interface ChannelTabsProps {
  readonly day: Day;
  readonly channel: Channel;
  readonly onChannel: (channel: number) => void;
  readonly children: ComponentChildren;
}

/** Tabs where a day has several channels. */
export function ChannelTabs({ day, channel, onChannel, children }: ChannelTabsProps) {
  if (day.channels.length < 2) return <>{children}</>;
  return (
    <Tabs
      label={t('day.channels')}
      tabs={day.channels.map((each) => ({ id: String(each.channel), label: channelTitle(each) }))}
      selected={String(channel.channel)}
      onSelect={(id) => onChannel(Number(id))}
    >
      {children}
    </Tabs>
  );
}
