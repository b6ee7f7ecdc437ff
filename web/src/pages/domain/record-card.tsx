import { Button, Group, Paper, Text } from '@mantine/core';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DomainRecord } from '../../api/schema.ts';
import { CodeBlock } from '../../components/code-block.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { StateBadge, type Tone } from '../../components/state-badge.tsx';
import { TimeText } from '../../components/time-text.tsx';
import classes from './domain.module.css';
import type { RecordForm } from './records.tsx';

const TONES: Record<DomainRecord['result'], Tone> = {
  published: 'good',
  missing: 'bad',
  different: 'bad',
  unknown: 'quiet',
};

/** One record: what DNS says, what to publish, and where they differ both side by side. */
export function RecordCard({
  zone,
  record,
  form,
  seenAt,
}: {
  zone: string;
  record: DomainRecord;
  form: RecordForm;
  /** When a key's record was last seen to be right. */
  seenAt: number | undefined;
}) {
  const { t } = useTranslation('domain');
  const id = useId();
  const { purpose, selector, stage, result } = record;
  const isFine = result === 'published';
  const [isOpened, setOpened] = useState<boolean>();
  // what is right needs no room, until somebody wants to see it
  const isOpen = isOpened ?? !isFine;
  // only a key's record has one right value; the others are for their owner to decide
  const isAdvice = purpose !== 'dkim';
  const showsProposal = !isAdvice || !isFine;
  return (
    <Paper p="md" component="section" aria-labelledby={id}>
      <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
        <div style={{ minWidth: 0 }}>
          <Group gap={8}>
            <Text fw={600} id={id} style={{ overflowWrap: 'anywhere' }}>
              {t(`records.${purpose}`)}
              {selector !== undefined && <span className={classes.selector}> {selector}</span>}
            </Text>
            {stage && (
              <StateBadge tone={stage === 'retiring' ? 'quiet' : 'info'}>
                {t(`records.stage.${stage}`)}
              </StateBadge>
            )}
            <StateBadge tone={stage === 'retiring' && !isFine ? 'quiet' : TONES[result]}>
              {t(`result.${result}`)}
            </StateBadge>
          </Group>
          <Text size="sm" c="dimmed" mt={2}>
            {t(`says.${purpose}.${result}`)}
            {result === 'unknown' && seenAt !== undefined && (
              <>
                {' '}
                {t('records.lastSeen')} <TimeText at={seenAt} />.
              </>
            )}
          </Text>
          {result === 'different' && (
            <Text size="sm" c="dimmed">
              {t('details', { text: record.explanation })}
            </Text>
          )}
        </div>
        {isFine && (
          <Button
            size="compact-sm"
            variant="subtle"
            aria-expanded={isOpen}
            aria-describedby={id}
            style={{ flex: 'none' }}
            onClick={() => setOpened(!isOpen)}
          >
            {t(isOpen ? 'records.hide' : 'records.show')}
          </Button>
        )}
      </Group>
      {isOpen && showsProposal && <ToPublish zone={zone} record={record} form={form} />}
      {isOpen && (isAdvice || !isFine) && record.found.length > 0 && <Found record={record} />}
    </Paper>
  );
}

/** The record to publish, in parts for a panel or as a line. */
function ToPublish({ zone, record, form }: { zone: string; record: DomainRecord; form: RecordForm }) {
  const { t } = useTranslation('domain');
  const { name, expected } = record;
  const isWrong = record.result === 'different';
  if (form === 'zone') {
    return (
      <div className={classes.fields}>
        <span className={classes.label}>{t('records.line')}</span>
        <CodeBlock value={record.zone} label={t('records.copyLine')} wrap />
      </div>
    );
  }
  const host = name === zone ? '@' : name.endsWith(`.${zone}`) ? name.slice(0, -zone.length - 1) : name;
  return (
    <div className={classes.fields}>
      <span className={classes.label}>{t('records.type')}</span>
      <code className={classes.type}>TXT</code>
      <span className={classes.label}>{t('records.host')}</span>
      <div>
        <CodeBlock value={host} label={t('records.copyHost')} wrap />
        <Group gap={4} mt={3}>
          <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {host === '@' ? t('records.apex') : t('records.full', { zone, name })}
          </Text>
          {host !== '@' && <CopyButton value={name} label={t('records.copyHost')} />}
        </Group>
      </div>
      <span className={classes.label}>
        {record.purpose === 'dkim'
          ? t(isWrong ? 'records.expected' : 'records.value')
          : t(isWrong ? 'records.proposal' : 'records.value')}
      </span>
      <CodeBlock value={expected} label={t('records.copyValue')} wrap />
    </div>
  );
}

function Found({ record: { found, foundAt, name, expected, result } }: { record: DomainRecord }) {
  const { t } = useTranslation('domain');
  return (
    <div className={classes.fields}>
      <span className={classes.label}>
        {foundAt === name ? t('records.found') : t('records.foundAt', { name: foundAt })}
      </span>
      <div className={classes.found}>
        {found.map((text) => (
          <pre key={text} className={classes.value} tabIndex={0}>
            {result === 'different' ? <Differing text={text} expected={expected} /> : text}
          </pre>
        ))}
      </div>
    </div>
  );
}

/** Marks where a published value leaves the expected one. */
function Differing({ text, expected }: { text: string; expected: string }) {
  const { t } = useTranslation('domain');
  let same = 0;
  while (same < text.length && same < expected.length && text[same] === expected[same]) same++;
  if (same === 0) return text;
  return (
    <>
      {text.slice(0, same)}
      <mark className={classes.mark}>{text.slice(same) || <i>{t('records.cut')}</i>}</mark>
    </>
  );
}
