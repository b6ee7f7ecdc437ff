import { Alert, Skeleton, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useApiQuery } from '../../api/queries.ts';
import { useLanguage } from '../../app/language.ts';
import { Dialog } from '../../components/dialog.tsx';
import { KeyValues } from '../../components/key-values.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { TimeText } from '../../components/time-text.tsx';
import classes from './refusals.module.css';

interface Props {
  group: string;
  code: string;
  sourceName: string;
  onClose: () => void;
}

/** The mail that the owner of the source gets of it, and whether and when. */
export default function Notice({ group, code, sourceName, onClose }: Props) {
  const { t } = useTranslation('refusals');
  const mail = useApiQuery('/refusal-groups/{group}/notice', { params: { group } });
  const state = useApiQuery('/sources/{source}/notices', {
    params: { source: sourceName },
    query: { language: useLanguage() },
  });
  const told = state.data?.items.find((one) => one.code === code);
  return (
    <Dialog opened onClose={onClose} title={t('notice.title')} size="lg">
      <Stack gap="md">
        {state.data && (
          <Alert color={state.data.on ? 'green' : 'orange'} role="status">
            {state.data.on ? (
              told?.toldAt === undefined ? (
                t('notice.willBeTold')
              ) : (
                <>
                  {t('notice.told')} <TimeText at={told.toldAt} />
                </>
              )
            ) : (
              t('notice.off')
            )}
            {!state.data.on && state.data.why !== undefined && <Text size="sm">{state.data.why}</Text>}
          </Alert>
        )}
        {mail.error && <ProblemAlert error={mail.error} />}
        {mail.data ? (
          <>
            <KeyValues
              rows={[
                [t('notice.to'), mail.data.to],
                [t('notice.subject'), mail.data.subject],
              ]}
            />
            <pre
              className={classes.mail}
              lang={mail.data.language}
              tabIndex={0}
              aria-label={t('notice.title')}
            >
              {mail.data.text}
            </pre>
          </>
        ) : (
          !mail.error && <Skeleton height={200} />
        )}
      </Stack>
    </Dialog>
  );
}
