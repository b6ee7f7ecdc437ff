import type { TourTexts } from './texts.ts';

export const ENGLISH: TourTexts = {
  title: 'Direct Send: who can write in our name, and what closes the door',
  welcome:
    'On this computer there is now a small world of its own: an organisation on Microsoft 365 called Contoso, its people, the devices and services that send for it, and attackers. Every message that you will see is really sent. None can leave this machine. Nine steps, about ten minutes.',
  labels: {
    step: (number, of) => `Step ${number} of ${of}`,
    why: 'Why it matters',
    remember: 'To remember',
    enter: 'Enter to go on, Ctrl-C to end ',
    starting: 'No lab is running here: one is started for the length of the tour …',
    leaving: 'The lab of this tour has ended, and nothing of it is left.',
    restored: 'The lab’s settings are again as they were before the tour.',
    folders: { Inbox: 'Inbox', Junk: 'Junk', Quarantine: 'Quarantine' },
    arrived: (name, folder) => `Arrived: ${name}, ${folder}`,
    refused: 'Refused: nobody gets to see it.',
    lost: 'Taken, but it has not arrived.',
    from: (address, hello) => `from ${address}, which greets as ${hello}`,
    toRelay: (hello) => `to the relay, which it greets as ${hello}`,
    octets: (count) => `(the message, ${count} octets)`,
    certificate: ', with a client certificate',
    connectors: 'Connectors',
    connector: 'Connector:',
    none: 'none (anonymous)',
    link: 'The QR code leads to',
    table: { address: 'Address', name: 'Name', sender: 'Envelope sender', messages: 'Mails' },
    noName: 'no name',
    command: 'In PowerShell',
    published: (name) => `DNS, ${name}`,
  },
  steps: {
    tenant: {
      title: 'The tenant as it is',
      before:
        'This is how Contoso’s front door is set up: the place where mail from outside arrives. Most organisations look like this today.',
      why: 'These few lines decide who can write in Contoso’s name. Nobody ever chose them: they are what one gets by default.',
      notes: {},
      remember: [
        'Whoever reaches the front door may deliver mail in Contoso’s own name, without a password. That is called Direct Send.',
        'SPF and DMARC are published, but with “~all” and “p=none” they ask nobody to refuse anything.',
      ],
    },
    printer: {
      title: 'The printer uses Direct Send, and it works',
      before:
        'The office printer scans a delivery note and mails it to Paul Moreau. It has neither an account nor a password. It knows the name of the front door, and says that it is scanner@contoso.test.',
      why: 'This is why Direct Send is so common: no licence, no password, set up in ten minutes. Printers, scanners, alarm systems and applications send in this way, and often nobody has a list of them.',
      notes: {
        spf: 'SPF passes, because the office’s address is in Contoso’s list. But the front door would have taken the message without that too, as the next step shows.',
      },
      remember: ['The front door did not ask who was there. It believed the name that it was told.'],
    },
    lure: {
      title: 'Anyone can be the printer',
      before:
        'Now somebody on a rented server does exactly what the printer did. He writes to the managing director, Anna Keller, in the name of Anna Keller: a missed voice message, with a PDF in which there is a QR code. He needs no account, no password and no special tool: a few lines of text.',
      why: 'The mail looks internal, so it is trusted. The QR code is opened with a private phone, where none of the organisation’s protection is. From May 2025 on, a campaign of this kind was seen at more than 70 organisations.',
      notes: {
        verdict:
          'Everything was checked. SPF: softfail, this server is not in the list, but “~all” only asks for suspicion. DMARC: fail, nothing proves the sender, but “p=none” means: take it all the same. The service did what Contoso asks for in its DNS.',
        code: 'The code can really be read with a phone. Its address ends in .invalid, which exists nowhere.',
      },
      remember: [
        'Direct Send does not get past SPF and DMARC. Both looked, both said no, and nobody had asked for the no to have consequences.',
      ],
    },
    inventory: {
      title: 'Who else uses it?',
      before:
        'Before one shuts a door one should know who walks through it. Two more send now: a newsletter service that writes Contoso’s own domain on the envelope, and a university that forwards mail of its alumni. After them comes the list, by address, of what really happened here.',
      why: 'A printer that falls silent is a nuisance. Invoices, alarms or orders that fall silent cost money. This list is the real work; the switch is one line.',
      notes: {
        list: 'Who has used Direct Send since the beginning of this tour:',
        find: 'In a real tenant the same list comes from message trace and from the historical search for mail without a connector. “postern lab export” writes what happened here in the same formats.',
      },
      remember: [
        'Each line needs an owner and a decision: move it to the relay, identify it by a connector, or let it end.',
        'One of these lines is the attacker. The list shows addresses, not intentions.',
      ],
    },
    reject: {
      title: 'The switch: RejectDirectSend',
      before:
        'One line of PowerShell turns Direct Send off, in the lab as in Exchange Online. Then all of them send again what they sent before.',
      why: 'The lure ends here. But the rule can not tell good from bad. It asks two things only: is our own domain on the envelope, and does a connector know this sender?',
      notes: {
        again: 'The same messages as before:',
        spared:
          'The same newsletter service, this time with a return path of its own domain on the envelope. The rule does not concern it, and DMARC passes because the service signs for Contoso:',
      },
      remember: [
        'The rule works at once here, and within half an hour in Exchange Online. It can be taken back just as fast.',
        'It breaks whoever has our domain on the envelope and is known by no connector. The newsletter and the forwarded mail were well signed; that does not help them.',
      ],
    },
    relay: {
      title: 'The printer goes through the relay',
      before:
        'The printer keeps its task. It now sends to the relay, with an account of its own. The relay knows what this printer may send, signs with Contoso’s DKIM key, and hands over to the front door by TLS with a certificate that a connector of the tenant knows. The rule stays on.',
      why: 'The device need not be replaced: another server, a name and a password. From now on it has an owner and a limit, and can be shut off by itself when something is wrong with it.',
      notes: {
        signed: 'This is what the front door wrote into the message:',
      },
      remember: [
        'The same printer, the same scan, and the rule is on: delivered, because it is now known who sends.',
        'SPF, DKIM and DMARC pass. So this mail will also survive the next step, a strict DMARC policy.',
      ],
    },
    application: {
      title: 'The application with a certificate of its own',
      before:
        'The payroll service runs elsewhere and sends by itself. It shows a TLS certificate by which a partner connector knows it. To see what the connector does, it is first switched off, and then on again.',
      why: 'Not everything has to go through the relay. A service that has a certificate or fixed addresses of its own can be identified where it arrives.',
      notes: {
        off: 'Without the connector:',
        on: 'With the connector:',
      },
      remember: [
        'A partner connector says who somebody is, by certificate or by address. A connector that lists sender domains only identifies nobody.',
        'Identified does not mean trusted: the mail is still filtered like any from outside.',
      ],
    },
    header: {
      title: 'What the rule does not cover',
      before:
        'The rule looks at the envelope. This attacker writes a foreign domain there, and Anna Keller into the From field, the one that people see. The rule is still on.',
      why: 'People read the From field; they never get to see an envelope. Whoever stops at the switch has shut one half of the door.',
      notes: {
        taken:
          'SPF passes: for the foreign domain. DMARC fails for contoso.test, and “p=none” says that nothing follows from it.',
        published: 'Contoso now asks for consequences, with one record in DNS. The same message again:',
        moved: 'Whoever has been moved properly does not notice. The printer, through the relay:',
        lookalike:
          'And this is what remains: cont0so.test, with a zero. The domain is the attacker’s own, and so everything passes:',
      },
      remember: [
        'Two halves, two measures: RejectDirectSend for the envelope, DMARC with “p=reject” for the From field.',
        'First move the senders, then “p=reject”: what does not pass DMARC by then is lost.',
        'Against names that only look alike neither helps. For those there are marking, warnings, and people who have seen this tour.',
      ],
    },
    next: {
      title: 'Where to go next',
      before: 'The lab can be played with: every actor can be sent again, every setting changed.',
      why: 'At home it is done in the same order. In this way nothing breaks that matters.',
      notes: { lab: 'Here, with “postern lab start”:', own: 'At home:' },
      remember: ['Know who sends. Give each a name. Then shut the door.'],
    },
  },
  commands: [
    ['postern lab actors', 'who can send, and what each one is'],
    ['postern lab send voicemail-lure --transcript', 'one message, with every line of SMTP'],
    ['postern lab inbox', 'what lies in the mailboxes'],
    ['postern lab set RejectDirectSend false', 'the switch, back again'],
    ['postern lab export ConnectorReport', 'traces in Microsoft’s formats'],
  ],
  order: [
    'Make the list: who sends without a connector, from which address, for whom. Find an owner for each line.',
    'Move devices and applications to the relay; identify services by connectors; give newsletters a return path of their own and DKIM.',
    'Turn RejectDirectSend on, and watch for a week who is refused.',
    'Raise DMARC to “p=quarantine” and then “p=reject”, with the reports in view.',
  ],
  unexpected: ({ actor, reply }) =>
    `${actor} did not go as this step expects: ${reply}. Has the lab been changed? “postern lab reset” puts it back.`,
};
