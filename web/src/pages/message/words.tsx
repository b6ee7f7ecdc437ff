import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { RemoteWords } from '../../components/remote-words/remote-words.tsx';
import classes from './message.module.css';

interface Props {
  code?: string;
  /** What the code means, where the title does not say it. */
  meaning?: string;
  /** Word for word, in whatever language. */
  says?: string;
  who?: string;
  facts?: readonly string[];
  recipients?: readonly string[];
  remark?: string;
}

/** What stands below a step of the story: to whom, how, and what was said word for word. */
export function Words({ code, meaning, says, who, facts = [], recipients, remark }: Props) {
  const { t } = useTranslation('message');
  return (
    <>
      {meaning !== undefined && <div>{meaning}</div>}
      {says !== undefined && says !== '' && (
        <div className={classes.says}>
          {who !== undefined && <span className={classes.who}>{t('says', { who })} </span>}
          <RemoteWords says={says} />
        </div>
      )}
      {remark !== undefined && <div>{remark}</div>}
      {facts
        .filter((fact) => fact !== '')
        .map((fact) => (
          <div key={fact}>{fact}</div>
        ))}
      {recipients !== undefined && recipients.length > 0 && (
        <div>
          {t('to')}{' '}
          {recipients.map((address, index) => (
            <span key={address}>
              {index > 0 && ', '}
              <bdi>{address}</bdi>
            </span>
          ))}
        </div>
      )}
      {code !== undefined && /^[A-Z]\d{3}$/.test(code) && (
        <div>
          <Anchor component={Link} to="/refusals/$code" params={{ code } as never} size="sm">
            {t('explain', { code })}
          </Anchor>
        </div>
      )}
    </>
  );
}
