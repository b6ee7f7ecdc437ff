import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { BodyOf } from '../../api/client.ts';
import { useApi } from '../../api/context.ts';
import type { ProvenDirectSendSender } from '../../api/schema.ts';
import { notify } from '../../components/notify.tsx';

export type Change = NonNullable<BodyOf<'/audit/senders/{sender}', 'patch'>>;

/** Changes the note on a sender, says so, and offers the way back. */
export function useDecide(sender: ProvenDirectSendSender, etag: string | undefined) {
  const { t } = useTranslation('direct-send-sender');
  const api = useApi();
  const queries = useQueryClient();
  const refresh = () =>
    queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith('/audit') });
  const send = async (change: Change, tag?: string) => {
    const answer = await api.send('patch', '/audit/senders/{sender}', {
      params: { sender: sender.id },
      body: change,
      etag: tag,
    });
    await refresh();
    return answer.etag;
  };
  return async (change: Change): Promise<void> => {
    const { decision = null, owner = null, wave = null, text = null } = sender.note ?? {};
    const before = { decision, owner, wave, text };
    const tag = await send(change, etag);
    await notify({
      text: t('decision.saved'),
      undo: {
        label: t('decision.undo'),
        run: async () => {
          try {
            await send(before, tag);
            await notify({ text: t('decision.undone') });
          } catch (error) {
            await notify({ tone: 'bad', text: error instanceof Error ? error.message : String(error) });
          }
        },
      },
    });
  };
}
