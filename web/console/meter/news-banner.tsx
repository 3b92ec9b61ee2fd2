import type { Day } from '../../../api/days.ts';
import { Banner } from '../../shared/ui/banner.tsx';
import { instantText } from '../dates.ts';
import { t } from '../text.ts';
import { Refused } from '../ui/await.tsx';
import type { News } from './day-work.ts';

/** What came of the last change, in words. */
export function NewsBanner({ news, day }: { news: News; day: Day }) {
  switch (news.news) {
    case 'done':
      return (
        <Banner tone="good">
          {t(`result.${news.result}`)} {news.repeated && t('result.repeated')}
        </Banner>
      );
    case 'changed': {
      const { by, at, what } = news;
      if (at === undefined) return <Banner tone="warning">{t('changed.nobody')}</Banner>;
      const who = by.map((person) => person ?? t('history.service')).join(', ');
      return <Banner tone="warning">{t('changed.meanwhile', { who, at: instantText(at, day.zone), what: what.join(', ') })}</Banner>;
    }
    case 'refused':
      return <Refused refusal={news.refusal} />;
  }
}
