import { Button, Code, Text } from '@mantine/core';
import CircleCheck from 'lucide-react/icons/circle-check';
import Info from 'lucide-react/icons/info';
import OctagonAlert from 'lucide-react/icons/octagon-alert';
import TriangleAlert from 'lucide-react/icons/triangle-alert';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Attention } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { TimeText } from '../../components/time-text.tsx';
import { useAttentionText } from './attention-text.ts';
import { PageLink } from '../../components/page-link.tsx';
import { Panel } from './panel.tsx';
import classes from './overview.module.css';

const ICONS = { critical: OctagonAlert, warning: TriangleAlert, info: Info } as const;
const TONES = { critical: 'bad', warning: 'warn', info: 'info' } as const;
/** Shown before somebody asks for the rest. */
const FIRST = 6;

/** What needs a person, worst first, each with the way to where it is mended. */
export function AttentionList({ items, isWall = false }: { items: readonly Attention[]; isWall?: boolean }) {
  const { t, i18n } = useTranslation('overview');
  const format = useFormat();
  const textOf = useAttentionText();
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? items : items.slice(0, FIRST);
  return (
    <Panel
      title={t('needs.title')}
      note={items.length > 0 ? format.number(items.length) : undefined}
      className={classes.attention}
    >
      {items.length === 0 ? (
        <div className={classes.calm}>
          <CircleCheck size={20} aria-hidden />
          <Text size="sm">{t('needs.nothing')}</Text>
        </div>
      ) : (
        <ul className={classes.needs}>
          {shown.map((item) => {
            const { kind, severity, subject, since, action, parameters } = item;
            const Icon = ICONS[severity];
            const { title, detail } = textOf(item);
            return (
              <li
                key={`${kind} ${subject.id ?? subject.name} ${parameters['selector'] ?? ''} ${parameters['reason'] ?? ''}`}
                className={classes.need}
                data-severity={severity}
              >
                <span className={classes.mark} data-tone={TONES[severity]}>
                  <Icon size={17} aria-hidden />
                  <span className="visually-hidden">{t(`severity.${severity}`)}: </span>
                </span>
                <span className={classes.needText}>
                  <span className={classes.needTitle}>{title}</span>
                  {(detail !== undefined || since !== undefined) && (
                    <span className={classes.needDetail} title={detail}>
                      {since !== undefined && <TimeText at={since} />}
                      {since !== undefined && detail !== undefined && ' · '}
                      {detail}
                    </span>
                  )}
                </span>
                {!isWall && (
                  <span className={classes.needAction}>
                    <PageLink
                      address={action.console}
                      className={classes.act}
                      otherwise={<Command text={action.command} />}
                    >
                      {t(`act.${actOf(action.console)}`)}
                      {/* twenty buttons of one name are told apart by what they are about */}
                      <span className="visually-hidden">: {subject.name}</span>
                    </PageLink>
                  </span>
                )}
              </li>
            );
          })}
        </ul>
      )}
      {items.length > FIRST && (
        <Button
          variant="subtle"
          size="compact-sm"
          mt={6}
          onClick={() => setWhole(!isWhole)}
          lang={i18n.language}
        >
          {isWhole ? t('needs.fewer') : t('needs.all', { number: format.number(items.length) })}
        </Button>
      )}
    </Panel>
  );
}

/** Where there is no page for it: how it is done on the command line. */
function Command({ text }: { text: string }) {
  const { t } = useTranslation('overview');
  return (
    <span className={classes.command}>
      <Code>{text}</Code>
      <CopyButton value={text} label={t('needs.copy')} />
    </span>
  );
}

const ACTS = [
  'queue',
  'routes',
  'domains',
  'sources',
  'settings',
  'alerts',
  'discovery',
  'recertifications',
  'edge',
  'audit-log',
  'exceptions',
] as const;

/** The verb on the button, by the first part of the address. */
function actOf(address: string): string {
  const [, first = ''] = /^\/([\w-]*)/.exec(address) ?? [];
  return ACTS.find((act) => act === first) ?? 'other';
}
