/** What is not right about the records that domains publish. */
import type { ApiContext } from '../context.ts';
import { type Attention, first } from './item.ts';

export function domainAttention({ domains, health, trial }: ApiContext): Attention[] {
  // nobody can publish anything for the domain to try things with
  const problems = health.recordProblems().filter(({ domain }) => domain !== trial.domain);
  const silent = new Set(problems.filter(({ status }) => status === 'temporary').map(({ domain }) => domain));
  const count = domains.list().filter(({ name }) => name !== trial.domain).length;
  const found: Attention[] = [];
  if (silent.size > 0) {
    const names = [...silent].slice(0, 5).join(', ');
    found.push({
      kind: 'dns-silent',
      severity: silent.size === count && count > 1 ? 'critical' : 'warning',
      sentence: `DNS does not answer for ${silent.size} of ${count} domains (${names}): what is published is not known`,
      parameters: { silent: silent.size, count, domains: names },
      since: Math.min(...problems.filter(({ status }) => status === 'temporary').map(({ at }) => at)),
      subject: { type: 'domain', ...(silent.size === 1 && { id: [...silent][0] }), name: names },
      action: { console: '/domains', command: `postern domain check ${[...silent][0]}` },
    });
  }
  const wrong = problems.flatMap(({ domain, purpose, selector, stage, status, text, at }): Attention[] => {
    if (status === 'temporary' || status === 'ok') return [];
    // a key that does not sign yet, or no more, keeps nobody's mail from arriving
    const signs = purpose === 'dkim' && stage === 'active';
    if (purpose === 'dkim' && !signs) return [];
    return [
      {
        kind: `${purpose}-${status}`,
        severity: signs ? 'critical' : 'warning',
        sentence: `${domain}: ${text}`,
        parameters: { domain, purpose, text, ...(selector !== undefined && { selector }) },
        since: at,
        subject: { type: 'domain', id: domain, name: domain },
        action: {
          console: `/domains/${encodeURIComponent(domain)}`,
          command: `postern domain dns ${domain}`,
        },
      },
    ];
  });
  wrong.sort((a, b) => Number(b.severity === 'critical') - Number(a.severity === 'critical'));
  return [
    ...found,
    ...first(wrong, (more) => ({
      kind: 'records-more',
      severity: 'warning',
      sentence: `${more} more records of domains are missing or wrong`,
      parameters: { count: more },
      subject: { type: 'domain', name: 'domains' },
      action: { console: '/domains', command: 'postern domain list' },
    })),
  ];
}
