import type { Texts } from './texts.ts';

const s = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

export const en: Texts = {
  language: 'en',
  locale: 'en-GB',
  colon: ': ',
  semicolon: '; ',
  perhaps: ' (likely)',
  title: 'Direct Send audit',
  subtitle: (organisation) => `Who still sends to ${organisation} without proof of identity`,
  made: (at) => `Made on ${at}`,
  period: (from, to, days) => `Evidence from ${from} to ${to}, ${s(days, 'day')}`,
  noPeriod: 'No evidence with a time',
  verdict: { yes: 'Yes', no: 'No', unknown: 'Not known' },
  question: (domain) => `Safe to switch on for ${domain}?`,
  answer: ({ answer, senders, perDay }) =>
    answer === 'no'
      ? `${s(senders, 'sender')} left, ${perDay} messages a day would be refused.`
      : answer === 'yes'
        ? 'No legitimate sender is left in the evidence.'
        : 'Nothing was found, but the evidence is too thin to rely on that.',
  alreadyOn: 'Reject Direct Send is switched on already.',
  figures: {
    left: 'senders left',
    perDay: 'messages a day',
    attacks: 'attacks',
    coverage: 'reliability of the answer',
    days: 'days of evidence',
  },
  headings: {
    answer: 'The answer',
    next: 'What to do, in this order',
    left: 'Still to be moved',
    timeline: 'Direct Send by day',
    classes: 'What it is',
    senders: 'Senders, with proof and way out',
    others: 'Senders that the rule does not touch',
    campaigns: 'Attacks',
    domains: 'What the rule would do, by domain',
    findings: 'Settings to look at',
    after: 'After the switch',
    coverage: 'What the evidence covers, and what it can not see',
    files: 'Files of evidence',
    method: 'Method',
  },
  next: {
    wave: (number) => `Wave ${number}`,
    senders: (count) => s(count, 'sender'),
    perDay: (count) => `${count} messages a day`,
    nothing: 'Nothing has to be moved.',
    attacks: (count) =>
      `${s(count, 'sender')} of attacks: switching the rule on ends what they send with your domain in the envelope.`,
  },
  legend: { proven: 'proven Direct Send', candidates: 'candidates', abusive: 'abuse' },
  timelineNote: 'Messages a day (UTC). Abuse is a part of the others, or mail that only shows your domain.',
  noTimeline: 'No message of Direct Send has a time.',
  classes: {
    service: 'service that sends as you',
    'service-own-path': 'service with a return path of its own',
    reinjection: 'signature, DLP or encryption service',
    forwarding: 'forwarding by others',
    'mailing-list': 'mailing list',
    calendar: 'answers to meetings',
    hybrid: 'own servers (hybrid)',
    'internal-relay': 'internal relay',
    'in-service': 'made inside of Microsoft 365',
    cloud: 'application in a cloud',
    awareness: 'security awareness training',
    'own-gateway': 'own gateway in front of Microsoft 365',
    device: 'device or application',
    attack: 'attack',
    'partner-connector': 'partner with a connector',
    unknown: 'not known',
  },
  classNotes: {
    service: 'A service that you use puts your bare domain into the envelope.',
    'service-own-path':
      'Your domain is shown, the envelope is of the service: the rule looks at the envelope only.',
    reinjection: 'Your own mail comes back from a service that changed it, and no connector knows it.',
    forwarding: 'Somebody else forwards your mail back to you, with your envelope sender.',
    'mailing-list': 'The list sends with its own envelope.',
    calendar: 'Invitations and answers that servers of others send with your address.',
    hybrid: 'Attributed to your servers by a connector.',
    'internal-relay': 'Not anonymous: it came through the default connector without an outside client.',
    'in-service': 'Notices and reports without an anonymous hop.',
    cloud: 'Servers of a cloud, with your domain in the envelope.',
    awareness: 'Simulated attacks that you have ordered.',
    'own-gateway': 'Most mail of others comes from the same network.',
    device: 'Scanners, printers, alarms, line-of-business applications: few addresses, steady.',
    attack: 'Forged mail in your name.',
    'partner-connector': 'A partner connector matches.',
    unknown: 'The evidence does not tell.',
  },
  directSend: { proven: 'proven', candidate: 'candidate', no: 'no Direct Send' },
  decisions: { approved: 'approved', migrated: 'moved', ignored: 'may break', blocked: 'shall break' },
  wayOut: {
    'relay-source': 'through the relay',
    'partner-connector': 'partner connector',
    'custom-return-path': 'return path of its own',
    'fix-forwarding': 'mend the forwarding',
    block: 'let it break',
    investigate: 'find out',
    nothing: 'nothing to do',
  },
  why: ({ class: kind, wayOut, note }) => {
    switch (wayOut.kind) {
      case 'relay-source':
        return 'A device or application of your own: let it send through the relay, by name and with limits. The source is ready for import.';
      case 'partner-connector':
        return kind === 'own-gateway'
          ? 'It stands in front of Microsoft 365 and no connector knows it: add one, with enhanced filtering.'
          : 'Its connector is missing, or does not cover all of its addresses.';
      case 'custom-return-path':
        return `Let the service use ${wayOut.domain} as return path: the rule looks at accepted domains only. Where it can not, a connector lets it in.`;
      case 'fix-forwarding':
        return 'Ask those who forward to rewrite the envelope sender (SRS), or accept that it breaks.';
      case 'block':
        return note?.decision === 'blocked'
          ? 'It was decided to let it break.'
          : 'The rule refuses what has your domain in the envelope; DMARC and anti-spoofing have to stop the rest.';
      case 'investigate':
        if (kind === 'attack')
          return 'It looks like an attack, and may be mail that you want: block it, or ask whose it may be.';
        return 'The evidence does not tell what it is, or how to let it in: gather more, or ask its owner.';
      case 'nothing':
        return 'The rule does not touch it.';
    }
  },
  rhythm: { once: 'once', steady: 'steady', bursts: 'in bursts', 'now-and-then': 'now and then' },
  lacks: {
    connector: 'details of the message trace, EmailEvents or the list of connectors (whether one matched)',
    envelope: 'details of the message trace, EmailEvents or the extended search (the envelope sender)',
    address: 'the message trace or EmailEvents (the address of the client)',
    name: 'details of the message trace, the extended search, headers of stored mail, or reverse DNS (the name of the client)',
    sent: 'the message trace or EmailEvents of all mail (what the organisation had sent, and where mail of others comes in)',
    time: 'evidence of more days (one message says little)',
    message: 'the message trace (messages one by one)',
  },
  asks: {
    intro: 'Evidence that would tell what senders are, where several things are possible:',
    ask: (lack, count) => `${s(count, 'sender')}: ${lack}`,
  },
  missing: {
    p1: 'envelope sender',
    connector: 'whether a connector matched',
    address: 'address of the client',
  },
  columns: {
    sender: 'Sender',
    kind: 'What it is',
    perDay: 'A day',
    total: 'Messages',
    last: 'Last seen',
    wayOut: 'Way out',
    wave: 'Wave',
    domain: 'Domain',
    refused: 'Refused',
    perhaps: 'Perhaps refused',
    withSubdomains: 'More, if subdomains matched',
    untouched: 'Shows the domain, not touched',
    file: 'File',
    rows: 'Rows',
    used: 'Used',
    refusedRows: 'Refused',
    outcome: 'Result',
    state: 'State',
    messages: 'Messages',
    recipients: 'Recipients',
  },
  card: {
    seen: (first, last) => `${first} to ${last}`,
    rhythm: 'Rhythm',
    confidence: 'Confidence',
    candidates: 'May also be',
    wouldTell: 'Would tell',
    addresses: 'Addresses',
    helos: 'Calls itself',
    names: 'Reverse DNS',
    tls: 'TLS',
    domains: 'Domains',
    envelope: 'Envelope senders',
    authors: 'Authors (From)',
    recipients: 'Recipients',
    subjects: 'Subjects',
    authentication: 'Authentication',
    evidence: 'Evidence',
    reasons: 'Why this class',
    abuse: 'Signs of abuse',
    hidden: (count) => `${s(count, 'message')} of abuse came through because an allow list skips the filter.`,
    owner: 'Owner',
    decision: 'Decision',
    note: 'Note',
    proof: 'Messages, as the evidence tells them',
    noProof: 'No single message is told: only reports that count.',
    lacking: 'Not told',
    copy: 'Ready to use',
    wayOut: 'Way out',
  },
  moreSenders: (shown, all) => `The ${shown} largest of ${all} senders; the export has all of them.`,
  others: (count) => `${s(count, 'more sender')} in the export.`,
  noSenders: 'No sender of Direct Send was found.',
  campaign: {
    title: (id) => `Campaign ${id}`,
    text: ({ messages, recipients, self }) =>
      `${s(messages, 'message')} to ${s(recipients, 'recipient')}; ${self} pretended to come from the recipient.`,
    from: 'From networks',
    subjects: 'Subjects',
    attachments: 'Attachments (SHA-256)',
    none: 'No campaign was found.',
  },
  domainsNote:
    'The rule is one switch for all accepted domains. It looks at the envelope sender, and at nothing else.',
  findings: {
    'rules-unknown': () =>
      'Mail flow rules and allow lists are not among the evidence (Get-TransportRule, Get-HostedContentFilterPolicy, Get-HostedConnectionFilterPolicy): what skips the filters is not known.',
    'rule-skips-filter-for-own-domain': (name) =>
      `The mail flow rule ${name} skips the spam filter for your own domain: forged mail in your name reaches mailboxes unfiltered. Take it away, or bind it to a connector.`,
    'rule-skips-filter-by-address': (name) =>
      `The mail flow rule ${name} skips the spam filter by address: whoever sends from there is not filtered. A partner connector with a certificate does the same more safely.`,
    'rule-skips-filter': (name) => `The mail flow rule ${name} skips the spam filter (SCL -1).`,
    'allowed-own-domain': (name) =>
      `The allow list of ${name} names your own domain: mail that forges it is not filtered.`,
    'allowed-addresses': (name) =>
      `The connection filter ${name} allows addresses: what they send is not filtered.`,
    'no-lockdown': () =>
      'The MX records lead elsewhere, and no connector closes the front door to others: anybody can send past your gateway (partner connector for *, restricted to addresses or a certificate).',
    'reject-on': () => 'RejectDirectSend is on: new refusals show in the comparison.',
    'reject-off': () => 'RejectDirectSend is off: anybody may send with your domains.',
    'connectors-unknown': () =>
      'The inbound connectors are not among the evidence (Get-InboundConnector): what would match one is not known.',
    'connector-by-domain-only': (name) =>
      `The connector ${name} names sender domains only: it identifies nobody, and exempts no mail from the rule.`,
    'connector-disabled': (name) => `The connector ${name} is switched off.`,
    'allow-list-hides-abuse': (name) => `An allow list let abuse of ${name} through.`,
    'subdomains-untouched': (name) =>
      `Mail with subdomains of ${name} in the envelope is not touched unless MatchSubDomains is on.`,
  },
  after: {
    silent: 'Fallen silent',
    noSilent: 'No sender with a rhythm has fallen silent.',
    silentText: ({ perDay, days }) => `${perDay} messages a day before; ${s(days, 'day')} without any`,
    refused: 'Refused by the rule',
    noRefused: 'No refusal by the rule is in the evidence.',
    proofs: 'Moved senders',
    states: {
      proven: 'proven: its mail comes over a connector',
      mixed: 'some of its mail still comes without a connector',
      'still-direct': 'still Direct Send',
      silent: 'no mail seen',
      'not-told': 'nobody tells of connectors',
    },
  },
  coverage: {
    proven: (percent) => `${percent} of what may be Direct Send is proven one way or the other.`,
    messages: (kept, internal, outgoing, foreign) =>
      `Messages: ${kept} with your domains from outside, ${internal} internal, ${outgoing} outgoing, ${foreign} of others.`,
    sources: 'Sources',
    blind: 'What it can not see',
    gaps: (days) => `${s(days, 'day')} without evidence in between`,
  },
  blind: ({ code, days = 0 }) => {
    switch (code) {
      case 'no-evidence':
        return 'There is no evidence yet.';
      case 'no-complete-source':
        return 'No source is complete: what is not in the samples is not seen. Add a message trace.';
      case 'no-connectors':
        return 'No source tells of connectors: Direct Send can not be proven. Add trace details or EmailEvents.';
      case 'no-envelopes':
        return 'No source tells envelope senders, and the rule looks at nothing else. Add trace details or EmailEvents.';
      case 'short':
        return `The evidence spans ${s(days, 'day')}: what sends once a month, a quarter or a year may be missing.`;
      case 'gaps':
        return `${s(days, 'day')} in between ${days === 1 ? 'is' : 'are'} without evidence.`;
      case 'old':
        return `The newest evidence is ${s(days, 'day')} old.`;
      case 'partly-complete':
        return `${s(days, 'day')} ${days === 1 ? 'has' : 'have'} samples or selections only: what is not in them is not seen. Add the message trace.`;
      case 'selection':
        return 'The message trace holds no mail of others, and none that was sent: it seems to be a selection. Export all of it.';
      case 'refused-rows':
        return `${s(days, 'row')} could not be read: what they tell is missing.`;
      case 'unread-files':
        return `${s(days, 'file')} of evidence could not be read.`;
      case 'cut-files':
        return `${s(days, 'file')} ${days === 1 ? 'ends' : 'end'} at the most rows that an export gives: the rest is most likely missing. Export shorter periods.`;
      case 'unnamed-domains':
        return `${s(days, 'message')} came in to domains that nobody named as yours: name all accepted domains, the rule is one for all.`;
      case 'strange-authors':
        return 'A message trace shows authors: mail of yours with the author of others, as web forms send it, is not seen. Add EmailEvents.';
      case 'no-dmarc-reports':
        return 'The MX records lead elsewhere: Microsoft sends no DMARC reports for such domains.';
      case 'silent-devices':
        return 'A device that sent nothing in this time is not seen at all: a fire alarm, a UPS, a yearly batch.';
    }
  },
  dns: 'reverse DNS today',
  kinds: {
    trace: 'message trace',
    'trace-detail': 'details of the message trace',
    'trace-extended': 'extended message trace',
    'trace-enhanced': 'enhanced summary',
    'connector-report': 'connector report',
    'change-optics': 'Change Optics report',
    'email-events': 'EmailEvents of Defender',
    'inbound-report': 'inbound messages report',
    dmarc: 'DMARC reports',
    message: 'stored mail',
    'postern-log': 'journal of Postern',
    notification: 'notices of failure',
  },
  fileKinds: { mixed: 'several kinds', archive: 'archive', mail: 'mail', settings: 'settings' },
  outcomes: {
    read: 'read',
    partly: 'read in part',
    refused: 'refused',
    question: 'columns not understood',
    other: 'no evidence',
  },
  fields: {
    at: 'time',
    messageId: 'Message-ID',
    networkMessageId: 'network message id',
    p1: 'envelope sender',
    p2: 'author (From)',
    sender: 'sender as traced',
    recipient: 'recipient',
    subject: 'subject',
    address: 'client address',
    helo: 'calls itself',
    ptr: 'reverse DNS',
    tls: 'TLS',
    connector: 'connector',
    direction: 'direction',
    status: 'fate',
    spf: 'SPF',
    dkim: 'DKIM',
    dmarc: 'DMARC',
    compauth: 'composite authentication',
    reason: 'its reason',
    reply: 'reply',
    count: 'messages',
  },
  method: [
    'Direct Send is mail from outside, attributed to no connector, whose envelope sender is of an accepted domain. A message counts as proven when one source or several together tell all three: no connector, the envelope sender, and the address of the client. What lacks one of them is a candidate.',
    'All sources are merged, one fact a message and recipient, by network message id, Message-ID, or time and address. Each field keeps where it is from; envelope sender and author are never mixed.',
    'What the rule would do is decided by the same code that decides at the edge of Postern. Classes follow signatures that add up; so do the signs of abuse, and many different pairs within an hour make a campaign.',
    'The answer is no while a sender is left that is neither moved nor decided to break. It is yes only when the evidence is wide enough; its reliability grows with days, with completeness, and with the share that is proven.',
  ],
  phrase: (english) => english,
};
