import { Button, Paper, Title } from '@mantine/core';
import Check from 'lucide-react/icons/check';
import { lazy, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Setup } from '../../api/schema.ts';
import { Piece } from '../../components/piece.tsx';
import { useCan } from '../../app/session.tsx';
import { PageLink } from '../../components/page-link.tsx';
import classes from './overview.module.css';

const FirstMessage = lazy(() => import('./first-message.tsx'));

/** In the order in which they make sense, each with the page where it is done. */
const STEPS: readonly { step: keyof Setup; address: string }[] = [
  { step: 'message', address: '/inbox' },
  { step: 'domain', address: '/domains' },
  { step: 'dns', address: '/domains' },
  { step: 'source', address: '/new-source' },
  { step: 'route', address: '/routes' },
];
const HIDDEN = 'postern.setup-hidden';

/** What is still to be done until mail of this organisation flows; nothing once it is. */
export function SetupChecklist({ setup }: { setup: Setup }) {
  const { t } = useTranslation('overview');
  const id = useId();
  const mayAct = useCan('operator');
  const [isHidden, setHidden] = useState(() => localStorage.getItem(HIDDEN) !== null);
  const open = STEPS.find(({ step }) => !setup[step]);
  if (open === undefined || isHidden) return null;
  const done = STEPS.filter(({ step }) => setup[step]).length;
  const hide = () => {
    localStorage.setItem(HIDDEN, 'yes');
    setHidden(true);
  };
  return (
    <Paper component="section" aria-labelledby={id} className={classes.setup}>
      <div className={classes.panelHead}>
        <Title order={2} id={id} className={classes.panelTitle}>
          {t('setup.title')}
        </Title>
        <span className={classes.panelNote}>{t('setup.done', { done, all: STEPS.length })}</span>
        <span className={classes.panelEnd}>
          <Button variant="subtle" color="gray" size="compact-xs" onClick={hide}>
            {t('setup.hide')}
          </Button>
        </span>
      </div>
      <progress className={classes.setupProgress} max={STEPS.length} value={done} aria-hidden="true" />
      <ol className={classes.steps}>
        {STEPS.map(({ step }, index) => (
          <li
            key={step}
            className={classes.step}
            data-done={setup[step] || undefined}
            aria-current={step === open.step ? 'step' : undefined}
          >
            <span className={classes.stepMark} aria-hidden="true">
              {setup[step] ? <Check size={13} /> : index + 1}
            </span>
            {t(`setup.${step}.title`)}
            {setup[step] && <span className="visually-hidden"> ({t('setup.isDone')})</span>}
          </li>
        ))}
      </ol>
      <div className={classes.stepOpen}>
        <p className={classes.stepWhy}>{t(`setup.${open.step}.text`)}</p>
        {open.step === 'message' ? (
          <Piece>{mayAct && <FirstMessage />}</Piece>
        ) : (
          mayAct && (
            <PageLink address={open.address} className={classes.primary} otherwise={null}>
              {t(`setup.${open.step}.action`)}
            </PageLink>
          )
        )}
      </div>
    </Paper>
  );
}
