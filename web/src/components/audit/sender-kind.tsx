import { useTranslation } from 'react-i18next';
import type { DirectSendSender } from '../../api/schema.ts';
import { StateBadge, type Tone } from '../state-badge.tsx';
import { useWords } from './words.ts';

/** What a sender is, with a tilde where the evidence leaves something else possible. */
export function SenderKind({ sender }: { sender: Pick<DirectSendSender, 'class' | 'candidates'> }) {
  const { t } = useTranslation('audit');
  const words = useWords();
  const name = words.classes[sender.class] ?? sender.class;
  const others = sender.candidates.filter((one) => one !== sender.class);
  return others.length === 0 ? (
    <span title={words.classNotes[sender.class]}>{name}</span>
  ) : (
    <span title={t('mayAlsoBe', { classes: others.map((one) => words.classes[one] ?? one).join(', ') })}>
      {name}&nbsp;<span aria-hidden="true">~</span>
      <span className="visually-hidden">{t('likely')}</span>
    </span>
  );
}

const PROOF_TONE: Record<DirectSendSender['directSend'], Tone> = {
  proven: 'bad',
  candidate: 'warn',
  no: 'quiet',
};

const DECISION_TONE: Record<string, Tone> = {
  approved: 'info',
  migrated: 'good',
  ignored: 'quiet',
  blocked: 'quiet',
};

export function ProofBadge({ directSend }: Pick<DirectSendSender, 'directSend'>) {
  const words = useWords();
  return <StateBadge tone={PROOF_TONE[directSend]}>{words.directSend[directSend]}</StateBadge>;
}

export function DecisionBadge({ decision }: { decision: string | undefined }) {
  const words = useWords();
  if (decision === undefined) return null;
  return (
    <StateBadge tone={DECISION_TONE[decision] ?? 'quiet'}>{words.decisions[decision] ?? decision}</StateBadge>
  );
}
