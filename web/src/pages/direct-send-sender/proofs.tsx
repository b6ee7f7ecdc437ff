import { Paper, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ProvenDirectSendSender } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { ProofBadge } from '../../components/audit/sender-kind.tsx';
import { phraseWithPoints, useWords } from '../../components/audit/words.ts';
import classes from './sender.module.css';

const PROVEN = { 'direct-send': 'proven', candidate: 'candidate', not: 'no' } as const;

/** Messages, as the evidence tells them; behind each field stands who told it. */
export function Proofs({ sender: { proofs } }: { sender: ProvenDirectSendSender }) {
  const { t } = useTranslation('direct-send-sender');
  const words = useWords();
  const format = useFormat();
  return (
    <Paper p="md" component="section" aria-labelledby="proofs">
      <Title order={2} id="proofs">
        {t('proofs.title')}
      </Title>
      {proofs.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('proofs.none')}
        </Text>
      )}
      <ul className={classes.proofs}>
        {proofs.map(({ outcome, told, abuse }, index) => (
          // biome-ignore lint: messages without a name of their own, in an order that does not change
          <li key={index}>
            <ProofBadge directSend={PROVEN[outcome]} />
            {abuse.reasons.length > 0 && (
              <Text span size="sm" ml={8}>
                {t('facts.abuse')}: {abuse.reasons.map((one) => phraseWithPoints(words, one)).join(', ')}
              </Text>
            )}
            <table className={classes.told}>
              <caption className="visually-hidden">{t('proofs.message', { number: index + 1 })}</caption>
              <tbody>
                {told.map(({ field, value, from }) => (
                  <tr key={field}>
                    <th scope="row">{words.fields[field] ?? field}</th>
                    <td>
                      <bdi>{shown(field, value, format.dateTime)}</bdi>
                    </td>
                    <td>{from === 'dns' ? words.dns : (words.kinds[from] ?? from)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </li>
        ))}
      </ul>
    </Paper>
  );
}

function shown(field: string, value: string, dateTime: (at: number) => string): string {
  const at = field === 'at' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? value : dateTime(at);
}
