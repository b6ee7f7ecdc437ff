import Check from 'lucide-react/icons/check';
import TriangleAlert from 'lucide-react/icons/triangle-alert';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Health as HealthFacts, Overview } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import type { Tone } from '../../components/state-badge.tsx';
import { PageLink } from '../../components/page-link.tsx';
import { Panel } from './panel.tsx';
import classes from './overview.module.css';

const DAY_MS = 86_400_000;
/** As the attention begins to speak of it. */
const CERTIFICATE_DAYS = 21;
const LITTLE_SPACE = 5;

/** Certificates, keys, DNS, disk: green, or what is wrong. */
export function Health({ overview: { attention, health, spool, at } }: { overview: Overview }) {
  const { t } = useTranslation('overview');
  const format = useFormat();
  if (!health) return null;
  const { certificate, keys, dns, disk } = health;
  return (
    <Panel title={t('health.title')}>
      <ul className={classes.list}>
        {certificate && (
          <Row
            name={t('health.certificate')}
            address="/settings?search=tls"
            tone={toneOfCertificate(
              certificate.endsAt - at,
              attention.some(({ kind }) => kind === 'certificate-self-signed'),
            )}
          >
            {t(certificate.endsAt < at ? 'health.ended' : 'health.until', {
              date: format.date(certificate.endsAt),
            })}
            {certificate.selfSigned && ` · ${t('health.selfSigned')}`}
          </Row>
        )}
        <Row
          name={t('health.keys')}
          address="/domains"
          tone={keys.active === 0 ? 'quiet' : keys.published < keys.active ? 'warn' : 'good'}
        >
          {keys.active === 0
            ? t('health.noKeys')
            : t('health.published', {
                count: keys.active,
                number: format.number(keys.published),
                all: format.number(keys.active),
              })}
        </Row>
        <Row
          name={t('health.dns')}
          address="/domains"
          tone={dns.domains === 0 ? 'quiet' : dns.wrong + dns.silent > 0 ? 'warn' : 'good'}
        >
          {dnsText(dns)}
        </Row>
        {disk && (
          <Row
            name={t('health.disk')}
            address="/settings?search=minimumFreeBytes"
            tone={
              disk.free < disk.minimum ? 'bad' : disk.free < disk.minimum * LITTLE_SPACE ? 'warn' : 'good'
            }
          >
            {t('health.free', { size: format.bytes(disk.free) })}
          </Row>
        )}
        {spool && (
          <Row name={t('health.spool')} address="/queue" tone="good">
            {t('health.messages', { count: spool.messages, number: format.number(spool.messages) })} ·{' '}
            {format.bytes(spool.bytes)}
          </Row>
        )}
      </ul>
    </Panel>
  );

  function dnsText({ domains, wrong, silent }: HealthFacts['dns']): string {
    if (domains === 0) return t('health.noDomains');
    if (wrong > 0) return t('health.wrong', { count: wrong, number: format.number(wrong) });
    if (silent > 0) return t('health.silent', { count: silent, number: format.number(silent) });
    return t('health.domains', { count: domains, number: format.number(domains) });
  }
}

/** @param isDistrusted it is self-signed, and shown to other machines */
function toneOfCertificate(left: number, isDistrusted: boolean): Tone {
  const days = left / DAY_MS;
  if (days < 7) return 'bad';
  return days < CERTIFICATE_DAYS || isDistrusted ? 'warn' : 'good';
}

function Row({
  name,
  address,
  tone,
  children,
}: {
  name: string;
  address: string;
  tone: Tone;
  children: ReactNode;
}) {
  const Icon = tone === 'good' ? Check : TriangleAlert;
  return (
    <li className={classes.row}>
      <span className={classes.mark} data-tone={tone}>
        {tone !== 'quiet' && <Icon size={15} aria-hidden />}
      </span>
      <PageLink address={address} className={classes.healthName}>
        {name}
      </PageLink>
      <span className={classes.healthText}>{children}</span>
    </li>
  );
}
