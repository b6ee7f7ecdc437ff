import { Paper, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../app/format.ts';
import { KeyValues } from '../../components/key-values.tsx';
import type { Policy } from './types.ts';

/** What a new source may do as far as nobody says otherwise. */
export function DefaultPolicy({ policy }: { policy: Policy }) {
  const { t } = useTranslation('settings');
  const format = useFormat();
  const yesNo = (value: boolean) => t(value ? 'yes' : 'no');
  const { recipients, limits, repair, unaligned } = policy;
  return (
    <Stack gap="sm" maw={860}>
      <Text size="sm" c="dimmed">
        {t('policy.text')}
      </Text>
      <Paper p="md">
        <KeyValues
          rows={[
            [
              t('policy.pairs'),
              policy.pairs.length === 0
                ? t('policy.noPairs')
                : policy.pairs.map(({ envelope, header }) => `${envelope} / ${header}`).join(', '),
            ],
            [t('policy.recipients'), t(`policy.allow.${recipients.allow}`)],
            [t('policy.nullSender'), yesNo(policy.nullSender)],
            [
              t('policy.maxSize'),
              policy.maxSize === 0 ? t('policy.relayLimit') : format.bytes(policy.maxSize),
            ],
            [t('policy.maxRecipients'), format.number(policy.maxRecipients)],
            [t('policy.connections'), format.number(policy.connections)],
            [
              t('policy.limits'),
              limits.length === 0
                ? t('policy.noLimits')
                : limits
                    .map(({ unit, per, most }) =>
                      t(`policy.per.${per}`, {
                        amount:
                          unit === 'bytes'
                            ? format.bytes(most)
                            : t('policy.messages', { count: most, number: format.number(most) }),
                      }),
                    )
                    .join(', '),
            ],
            [t('policy.overLimit'), t(`policy.over.${policy.overLimit}`)],
            [t('policy.missingHeaders'), yesNo(repair.missingHeaders)],
            [t('policy.longLines'), yesNo(repair.longLines)],
            [t('policy.unaligned'), t(`policy.action.${unaligned.action}`)],
          ]}
        />
      </Paper>
    </Stack>
  );
}
