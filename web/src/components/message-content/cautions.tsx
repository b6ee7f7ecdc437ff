import { Alert, List, Text } from '@mantine/core';
import type { TFunction } from 'i18next';
import ShieldAlert from 'lucide-react/icons/shield-alert';
import ShieldCheck from 'lucide-react/icons/shield-check';
import { useTranslation } from 'react-i18next';
import type { MessageContent } from '../../api/schema.ts';
import classes from './message-content.module.css';
import type { Findings } from './place.ts';

const DANGERS = ['scripts', 'passwordFields', 'redirects', 'embedded', 'forms', 'trackingPixels'] as const;
/** Lines that need no scrolling. */
const FEW = 8;
const QUIET = ['remoteStyles', 'missingImages'] as const;

/** What is to be known before one believes what one sees. */
export function Cautions({ content }: { content: MessageContent }) {
  const { t } = useTranslation('message-content');
  const { html, notices } = content;
  const found = html?.findings;
  const dangers = found ? dangersIn(found, t) : [];
  const form = notices.map(({ code, part }) =>
    part === '1' ? t(`notice.${code}`) : t('notice.ofPart', { part, text: t(`notice.${code}`) }),
  );
  const quiet = found ? quietIn(found, t) : [];
  const lines = [...dangers, ...form, ...quiet];
  if (lines.length === 0) return null;
  const isQuiet = dangers.length + form.length === 0;
  const Icon = isQuiet ? ShieldCheck : ShieldAlert;
  return (
    <Alert
      color={dangers.length > 0 ? 'orange' : 'gray'}
      variant="light"
      icon={<Icon size={18} aria-hidden />}
      title={isQuiet ? undefined : t('caution')}
      role="note"
      py={8}
    >
      {lines.length === 1 ? (
        <Text size="sm">{lines[0]}</Text>
      ) : (
        // a message of a thousand faults does not push itself out of sight; the keyboard scrolls what scrolls
        <List size="sm" className={classes.cautions} tabIndex={lines.length > FEW ? 0 : undefined}>
          {lines.map((line) => (
            <List.Item key={line}>{line}</List.Item>
          ))}
        </List>
      )}
    </Alert>
  );
}

function dangersIn(found: Findings, t: TFunction<'message-content'>): string[] {
  const deceiving = found.links.filter(({ flags }) => flags.length > 0).length;
  return [
    ...(deceiving > 0 ? [t('found.links', { count: deceiving })] : []),
    ...DANGERS.filter((name) => found[name] > 0).map((name) => t(`found.${name}`, { count: found[name] })),
  ];
}

/** What was kept from the sender, and is said so that a picture that is missed is not looked for. */
function quietIn(found: Findings, t: TFunction<'message-content'>): string[] {
  const images = found.remoteImages - found.trackingPixels;
  return [
    ...(images > 0 ? [t('found.remoteImages', { count: images })] : []),
    ...QUIET.filter((name) => found[name] > 0).map((name) => t(`found.${name}`, { count: found[name] })),
    ...(found.tooDeep ? [t('found.tooDeep')] : []),
  ];
}
