import { useTranslation } from 'react-i18next';
import classes from './remote-words.module.css';

/** What the operating system says of a connection, by the word that it uses. */
const SYSTEM = /\b(E[A-Z_]{4,})\b/;

/** Why something did not work: in plain words where nobody has answered, else word for word what the other side said. */
export function RemoteWords({ says }: { says: string }) {
  const { t } = useTranslation('remote-words');
  const word = SYSTEM.exec(says)?.[1];
  const meaning = word === undefined ? '' : t(`system.${word}`, { defaultValue: '' });
  if (meaning !== '') {
    const place = /\S+:\d+$/.exec(says)?.[0];
    return (
      <span title={says}>
        {meaning}
        {place !== undefined && ` (${place})`}
      </span>
    );
  }
  return (
    // a reply begins with its number, whatever language follows
    <q lang="" dir="ltr" className={classes.words}>
      {says}
    </q>
  );
}
