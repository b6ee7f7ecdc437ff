/**
 * Every refusal that Postern can give, in one place: what goes on the wire, and what its reader should do.
 * The wire text fits a printer's panel; the explanation is for the journal, `postern why` and the docs
 * (`docs/refusals.md` is made from this file). Codes are stable: a code is never reused for another meaning.
 *
 * The letter says which room refuses: C connection and protocol, T TLS, A authentication, S sender,
 * R recipient, M message content, L limits, K kill switch, X the relay itself, D delivery, E the edge.
 */
interface Definition {
  /** SMTP reply code; the HTTP status of the send API follows from it. */
  code: number;
  /** RFC 3463 status. */
  enhanced: string;
  /** One short sentence, 7-bit, no names of other sources, no configuration. */
  text: string;
  /** What has happened, in full. */
  explanation: string;
  /** What to change, and who can. */
  remedy: string;
  /** The connection is closed after it. */
  close?: true;
  /** The text stands alone on the wire, without the code before it: it is word for word that of Exchange Online. */
  verbatim?: true;
}

const define = <T extends Record<string, Definition>>(
  definitions: T,
): Readonly<Record<keyof T, Definition>> => definitions;

export const REFUSALS = define({
  C101: {
    code: 421,
    enhanced: '4.7.0',
    text: 'Too many connections from your network',
    explanation:
      'The network of the client has reached the number of simultaneous connections that one network may hold.',
    remedy: 'Let the device close its connections, or raise limits.connectionsPerNetwork.',
    close: true,
  },
  C102: {
    code: 421,
    enhanced: '4.3.2',
    text: 'Too many connections, try again later',
    explanation: 'The relay holds as many connections as it may.',
    remedy: 'The client tries again by itself. If it lasts, raise limits.connections.',
    close: true,
  },
  C103: {
    code: 500,
    enhanced: '5.5.2',
    text: 'Command not recognized',
    explanation: 'The client sent a line that is no SMTP command.',
    remedy: 'See the transcript: HTTP or a TLS handshake on a plain port is the usual cause.',
  },
  C104: {
    code: 501,
    enhanced: '5.5.4',
    text: 'Syntax error in the argument',
    explanation: 'The command is known, its argument does not follow RFC 5321.',
    remedy: 'Correct the address or parameter that the device sends.',
  },
  C105: {
    code: 503,
    enhanced: '5.5.1',
    text: 'Bad sequence of commands',
    explanation:
      'The command is not possible at this point: for example DATA before RCPT, or AUTH inside a transaction.',
    remedy: 'An error of the client; tell its maker.',
  },
  C106: {
    code: 502,
    enhanced: '5.5.1',
    text: 'Command not implemented',
    explanation: 'The command exists but is not offered here (EXPN, TURN, ETRN and the like).',
    remedy: 'Nothing to do; clients do without.',
  },
  C107: {
    code: 500,
    enhanced: '5.5.6',
    text: 'Line too long',
    explanation: 'A command line was longer than RFC 5321 section 4.5.3.1.4 allows.',
    remedy: 'An error of the client, or an attack.',
  },
  C108: {
    code: 421,
    enhanced: '4.7.0',
    text: 'Too many errors',
    explanation: 'The client made more errors in one connection than limits.errors allows.',
    remedy: 'See the refusals of the same session: the first one is the cause.',
    close: true,
  },
  C109: {
    code: 421,
    enhanced: '4.7.0',
    text: 'Too many commands',
    explanation: 'The client sent more commands in one connection than limits.commands allows.',
    remedy: 'Nothing, if the client connects again by itself; or raise limits.commands.',
    close: true,
  },
  C110: {
    code: 421,
    enhanced: '4.4.2',
    text: 'Time-out, closing connection',
    explanation: 'The client was silent for longer than limits.idleSeconds, or sent too slowly.',
    remedy: 'Look at the network between device and relay: MTU, VPN, firewall inspection.',
    close: true,
  },
  C111: {
    code: 421,
    enhanced: '4.4.2',
    text: 'Session lasted too long',
    explanation: 'The connection reached limits.sessionSeconds.',
    remedy: 'The client connects again by itself; raise the limit for very slow links.',
    close: true,
  },
  C112: {
    code: 554,
    enhanced: '5.5.0',
    text: 'Client spoke before its turn',
    explanation:
      'The client sent something before the greeting, or sent commands after STARTTLS without waiting. Postern discards what comes across a STARTTLS, because it could be an injection.',
    remedy:
      'Configure the client to wait for the reply. If it is no device of yours, it is a probe or an attack.',
    close: true,
  },
  C113: {
    code: 555,
    enhanced: '5.5.4',
    text: 'Parameter not recognized',
    explanation: 'MAIL or RCPT carried a parameter that is not offered in this session.',
    remedy: 'An error of the client: it must use only what EHLO offers.',
  },
  C114: {
    code: 421,
    enhanced: '4.3.2',
    text: 'Service is stopping, try again later',
    explanation: 'The relay is shutting down or restarting.',
    remedy: 'The client tries again by itself.',
    close: true,
  },
  C115: {
    code: 554,
    enhanced: '5.7.1',
    text: 'Proxy header missing or malformed',
    explanation:
      'The connection came from a network named in proxy.from, which must begin with a PROXY protocol header.',
    remedy: 'Switch PROXY protocol on in the load balancer, or take its network out of proxy.from.',
    close: true,
  },
  C116: {
    code: 504,
    enhanced: '5.5.4',
    text: 'Parameter value not implemented',
    explanation:
      'The command carried a value that is not supported, such as an unknown AUTH mechanism or BODY type.',
    remedy: 'Choose one that EHLO offers.',
  },
  C117: {
    code: 553,
    enhanced: '5.6.7',
    text: 'Non-ASCII address without SMTPUTF8',
    explanation:
      'An address holds characters outside of ASCII, but MAIL did not carry the SMTPUTF8 parameter (RFC 6531 section 3.5).',
    remedy: 'Write the address in ASCII; an international domain as xn--…',
  },
  T201: {
    code: 530,
    enhanced: '5.7.0',
    text: 'Must issue a STARTTLS command first',
    explanation: 'The listener requires TLS.',
    remedy: 'Switch STARTTLS or "TLS" on in the device.',
  },
  T202: {
    code: 454,
    enhanced: '4.7.0',
    text: 'TLS not available',
    explanation: 'STARTTLS was asked for on a listener that has none, or twice.',
    remedy: 'Use a listener with STARTTLS or implicit TLS.',
  },
  T203: {
    code: 538,
    enhanced: '5.7.11',
    text: 'Encryption required for authentication',
    explanation:
      'The client tried to authenticate without TLS; a password would have been readable on the network.',
    remedy:
      'Switch TLS on in the device; or, on a fenced network only, allow it with plainAuthentication on the listener.',
  },
  T204: {
    code: 554,
    enhanced: '5.7.4',
    text: 'TLS handshake failed',
    explanation:
      'Client and relay found no TLS that both accept, or the client does not trust the certificate. Nothing can be said on the wire then: this code is in the journal only.',
    remedy:
      'postern refusals show says what the client offered. Update the device, or give its network an exception for old TLS.',
    close: true,
  },
  T205: {
    code: 421,
    enhanced: '4.7.0',
    text: 'What allowed this connection has ended',
    explanation:
      'The exception that let the client have old TLS, no TLS or CRAM-MD5 has ended or was closed. What was accepted before stays accepted.',
    remedy:
      'Update the device, or ask the owner of the relay: postern exception list --state all shows which one it was.',
    close: true,
  },
  A301: {
    code: 535,
    enhanced: '5.7.8',
    text: 'Authentication failed',
    explanation:
      'The account is unknown, its password is wrong, it is disabled or expired, or another factor (network, certificate) did not match. The client is never told which; the journal says it.',
    remedy: 'See the event in the journal for the reason; set a new password with postern source rotate.',
  },
  A302: {
    code: 530,
    enhanced: '5.7.0',
    text: 'Authentication required',
    explanation: 'No credential was shown, and the network of the client is no credential of any source.',
    remedy:
      'Enter account and password in the device, or add its network: postern source edit NAME --network CIDR.',
  },
  A303: {
    code: 421,
    enhanced: '4.7.0',
    text: 'Too many failed logins, try later',
    explanation:
      'Too many wrong passwords came from this network or for this account; both are locked for a while.',
    remedy: 'Correct the password, wait for the lock to end (it is in the journal).',
    close: true,
  },
  A304: {
    code: 501,
    enhanced: '5.5.2',
    text: 'Malformed authentication exchange',
    explanation:
      'The client answered a challenge with something that is not base64, or not what the mechanism asks for.',
    remedy: 'An error of the client; try another mechanism.',
  },
  A305: {
    code: 501,
    enhanced: '5.7.0',
    text: 'Authentication cancelled',
    explanation: 'The client gave the exchange up.',
    remedy: 'Often the client found the server proof (SCRAM) wrong: its stored password is another.',
  },
  A306: {
    code: 454,
    enhanced: '4.7.0',
    text: 'Cannot check the credential now',
    explanation:
      'The credential could not be checked: the issuer of the token could not be reached, or the relay is overloaded.',
    remedy: 'The client tries again by itself; look at the reason in the journal.',
  },
  A307: {
    code: 504,
    enhanced: '5.5.4',
    text: 'Mechanism not offered',
    explanation: 'The client chose a mechanism that is not offered in this session.',
    remedy: 'Choose PLAIN or LOGIN over TLS in the device.',
  },
  A311: {
    code: 550,
    enhanced: '5.7.1',
    text: 'Unknown device, recorded for approval',
    explanation:
      'The device is no known source. The listener learns: what the device tried was recorded, its message was not kept.',
    remedy:
      'postern discovery list shows it; postern discovery approve NETWORK makes it a source. Then send the message again.',
  },
  A312: {
    code: 451,
    enhanced: '4.7.1',
    text: 'Device waits for approval, try later',
    explanation:
      'The device is no known source, and as much of its mail as may be (or of all unknown devices) is held until somebody approves it.',
    remedy:
      'Approve or dismiss it: postern discovery list. The bounds are discovery.deviceMessages, deviceBytes, messages and bytes.',
  },
  S401: {
    code: 550,
    enhanced: '5.7.1',
    text: 'Envelope sender not allowed for this source',
    explanation: 'The envelope sender (MAIL FROM) is in none of the address pairs of the source.',
    remedy: 'Correct the sender address in the device, or allow it: postern source edit NAME --from ADDRESS.',
  },
  S402: {
    code: 550,
    enhanced: '5.7.1',
    text: 'From address not allowed for this source',
    explanation:
      'The From header holds an address that no pair of the source allows together with this envelope sender.',
    remedy: 'Correct the From address in the device, or allow it: postern source edit NAME --from ADDRESS.',
  },
  S403: {
    code: 550,
    enhanced: '5.7.1',
    text: 'Message must have exactly one From header',
    explanation:
      'The message has several From headers. Readers show one, DMARC checks another: that is how users are deceived (RFC 5322 section 3.6, RFC 9989).',
    remedy: 'Correct the application so that it writes one From header.',
  },
  S404: {
    code: 550,
    enhanced: '5.7.1',
    text: 'From header must hold exactly one address',
    explanation: 'The From header holds several addresses, a group or none; DMARC can judge only one.',
    remedy: 'Correct the application; set a From address with the repair policy if the device can not.',
  },
  S405: {
    code: 550,
    enhanced: '5.6.0',
    text: 'From header can not be read without doubt',
    explanation:
      'The From header can be read in more than one way: encoded words in the address, unbalanced quotes or comments, control characters, or a NUL.',
    remedy:
      'Correct the application. If it is no application of yours, this is an attempt to pass as somebody else.',
  },
  S406: {
    code: 550,
    enhanced: '5.7.1',
    text: 'Sender, Resent or Reply-To not allowed',
    explanation:
      'Another header that readers show as the origin names an address outside of what the source may use.',
    remedy: 'Correct the application, or allow the address with postern source edit.',
  },
  S407: {
    code: 550,
    enhanced: '5.7.1',
    text: 'Null sender not allowed for this source',
    explanation:
      'The envelope sender is empty, as only notifications have it; the source may not send those.',
    remedy: 'Set a sender address in the device, or allow it: postern source edit NAME --null-sender.',
  },
  R501: {
    code: 550,
    enhanced: '5.7.1',
    text: 'Recipient not allowed for this source',
    explanation: 'The source may write to internal or listed recipients only, and this is none of them.',
    remedy: 'Allow it: postern source edit NAME --recipients any, or --recipient ADDRESS.',
  },
  R502: {
    code: 452,
    enhanced: '4.5.3',
    text: 'Too many recipients',
    explanation: 'The message has more recipients than one transaction may carry.',
    remedy: 'A conforming client sends the rest in another transaction; or raise limits.recipients.',
  },
  R503: {
    code: 550,
    enhanced: '5.1.3',
    text: 'Recipient address has no domain',
    explanation: 'The recipient is a bare local name; a relay can not know where it lives.',
    remedy: 'Write the full address in the device.',
  },
  R504: {
    code: 550,
    enhanced: '5.7.1',
    text: 'Relaying denied for this address form',
    explanation:
      'The recipient uses a route form (user%host@, host!user, @a:b@c) that could make another host relay.',
    remedy: 'Write a plain address.',
  },
  R505: {
    code: 550,
    enhanced: '5.5.0',
    text: 'No usable recipient',
    explanation: 'The message has no recipient left.',
    remedy: 'See the refusals of the recipients.',
  },
  M601: {
    code: 552,
    enhanced: '5.3.4',
    text: 'Message too big',
    explanation: 'The message is larger than the source or the relay allows.',
    remedy: 'Lower the resolution of scans, or raise the limit: postern source edit NAME --max-size.',
  },
  M602: {
    code: 550,
    enhanced: '5.6.0',
    text: 'Bare CR or LF in the message',
    explanation:
      'A line of the message does not end with CR LF. Systems that see a line end there could be made to read a second, forged message (SMTP smuggling).',
    remedy: 'Correct the client, or let the listener repair it: lineEndings = "repair".',
  },
  M603: {
    code: 550,
    enhanced: '5.6.0',
    text: 'Header section malformed or too large',
    explanation:
      'The header section has lines that are no header fields, holds a NUL, or exceeds limits.headerBytes or limits.headerFields.',
    remedy: 'Correct the application.',
  },
  M604: {
    code: 550,
    enhanced: '5.6.0',
    text: 'Line in the message too long',
    explanation:
      'A line is longer than 998 octets (RFC 5322 section 2.1.1), and the repair policy does not allow folding it.',
    remedy:
      'Let the application encode its text (quoted-printable, base64), or switch repair of long lines on for the source.',
  },
  M605: {
    code: 550,
    enhanced: '5.6.0',
    text: 'Required header missing',
    explanation:
      'The message lacks From, Date or Message-ID, and the repair policy of the source does not add it.',
    remedy: 'Switch the repair on: postern source edit NAME --repair.',
  },
  M606: {
    code: 554,
    enhanced: '5.4.6',
    text: 'Too many hops: mail loop',
    explanation: 'The message has more Received headers than limits.hops: it is going round in a circle.',
    remedy: 'Look at the routes of the relay and of the server behind it.',
  },
  M607: {
    code: 550,
    enhanced: '5.6.0',
    text: 'Duplicate header that must be single',
    explanation:
      'Date, Subject, To, Cc, Bcc, Message-ID, Reply-To, Sender, In-Reply-To, References or a MIME header occurs twice; programs disagree about which one counts.',
    remedy: 'Correct the application.',
  },
  M608: {
    code: 550,
    enhanced: '5.6.7',
    text: 'Non-ASCII header without SMTPUTF8',
    explanation: 'A header holds raw 8-bit characters, though the transaction did not declare SMTPUTF8.',
    remedy: 'Let the application encode headers (RFC 2047), or switch repair on.',
  },
  M609: {
    code: 400,
    enhanced: '5.5.0',
    text: 'Request can not be read',
    explanation: 'The JSON of a send request does not have the documented form.',
    remedy: 'See the field named in the answer, and /openapi.json.',
  },
  M610: {
    code: 550,
    enhanced: '5.6.3',
    text: 'Binary content can not be converted',
    explanation:
      'The body holds a NUL, a bare CR or a bare LF, which may not travel in lines (RFC 2045 section 2.7). What came with BODY=BINARYMIME is encoded (quoted-printable, base64), as is a NUL where the source repairs long lines; but not within signed or encrypted parts, attached messages or a MIME structure that is not clear.',
    remedy: 'Let the application encode such parts itself (base64).',
  },
  L701: {
    code: 550,
    enhanced: '5.7.1',
    text: 'Message rate exceeded',
    explanation:
      'The source has sent as many messages as its limit allows for this minute, hour or day, and its policy is to reject.',
    remedy: 'Find out whether the number is normal; then raise the limit: postern source edit NAME --limit.',
  },
  L702: {
    code: 451,
    enhanced: '4.7.1',
    text: 'Message rate exceeded, try later',
    explanation:
      'The source has sent as many messages as its limit allows for this minute, hour or day, and its policy is to defer.',
    remedy: 'The client tries again by itself; raise the limit if the number is normal.',
  },
  L703: {
    code: 550,
    enhanced: '5.7.1',
    text: 'Data volume exceeded',
    explanation:
      'The source has sent as many bytes as its limit allows for this minute, hour or day, and its policy is to reject.',
    remedy: 'Raise the limit: postern source edit NAME --limit.',
  },
  L704: {
    code: 451,
    enhanced: '4.7.1',
    text: 'Data volume exceeded, try later',
    explanation:
      'The source has sent as many bytes as its limit allows for this minute, hour or day, and its policy is to defer.',
    remedy: 'The client tries again by itself; raise the limit if the volume is normal.',
  },
  L705: {
    code: 421,
    enhanced: '4.7.0',
    text: 'Too many connections of this source',
    explanation: 'The source holds as many connections as it may.',
    remedy: 'The client tries again by itself; or raise the limit: postern source edit NAME --connections.',
    close: true,
  },
  L706: {
    code: 451,
    enhanced: '4.7.1',
    text: 'Unusual sending, try later',
    explanation:
      'The source does what it does not usually do, and is slowed to what is usual until its owner has answered.',
    remedy: 'See what is unusual, and answer: postern containment show NAME.',
  },
  K801: {
    code: 421,
    enhanced: '4.7.0',
    text: 'This source has been disabled',
    explanation:
      'The source was suspended, retired or removed while it was connected. If it was suspended, its messages in the spool are held.',
    remedy: 'Ask the owner of the relay; then postern source enable NAME, and postern queue release.',
    close: true,
  },
  K802: {
    code: 550,
    enhanced: '5.7.1',
    text: 'This source has been disabled',
    explanation: 'The source is suspended; it may send again when an administrator enables it.',
    remedy: 'postern source enable NAME',
  },
  K803: {
    code: 550,
    enhanced: '5.7.1',
    text: 'This source has not been approved yet',
    explanation:
      'The source was requested, or seen on the network, and nobody has decided yet whether it may send.',
    remedy:
      'postern source state NAME sandboxed lets it send into the sandbox inbox; postern source enable NAME lets it send.',
  },
  K804: {
    code: 550,
    enhanced: '5.7.1',
    text: 'This source has been retired',
    explanation:
      'The source was taken out of service for good: its owner said so, or nobody answered when it was asked about.',
    remedy:
      'If it is still needed: postern source state NAME suspended, then postern source enable NAME. postern source show NAME says who retired it, and why.',
  },
  K805: {
    code: 450,
    enhanced: '4.7.1',
    text: 'This source will be retired, tell its owner; try later',
    explanation:
      'The source is about to be retired and is in its brown-out: some of its attempts are put off, so that whoever still needs it notices. Its client tries again by itself; nothing is lost.',
    remedy:
      'If it is still needed: postern source keep NAME. Otherwise stop the device; postern source show NAME says when it will be retired.',
  },
  X901: {
    code: 452,
    enhanced: '4.3.1',
    text: 'Insufficient system storage',
    explanation: 'The disk is full, read-only or failing. Nothing of the message was kept; nothing is lost.',
    remedy: 'Make room; acceptance goes on by itself. See postern log --type system.',
  },
  X902: {
    code: 451,
    enhanced: '4.3.0',
    text: 'Local error, try again later',
    explanation: 'Something failed inside the relay. The message was not taken.',
    remedy: 'See the error in the log; please report it.',
  },
  X903: {
    code: 452,
    enhanced: '4.3.1',
    text: 'Out of memory for now, try again later',
    explanation: 'The messages in progress have reached the memory that they may use.',
    remedy: 'The client tries again by itself; raise limits.memoryBytes if it lasts.',
  },
  X904: {
    code: 550,
    enhanced: '5.7.1',
    text: 'No DKIM key for the From domain',
    explanation:
      'The From domain has no usable signing key, or its record is not published, and the policy is to refuse rather than to send unaligned mail.',
    remedy:
      'postern domain add DOMAIN, publish the records that it prints, then postern domain check DOMAIN.',
  },
  X905: {
    code: 451,
    enhanced: '4.3.0',
    text: 'Message could not be signed, try later',
    explanation: 'The DKIM signature could not be made.',
    remedy: 'See the error in the log; check the key with postern domain show.',
  },
  D951: {
    code: 550,
    enhanced: '5.4.7',
    text: 'Delivery time expired',
    explanation: 'The message could not be delivered within the give-up time.',
    remedy: 'See the attempts in the journal: postern log --message ID.',
  },
  D952: {
    code: 550,
    enhanced: '5.1.2',
    text: 'Recipient domain does not exist',
    explanation: 'DNS says that the domain of the recipient does not exist.',
    remedy: 'Correct the address.',
  },
  D953: {
    code: 556,
    enhanced: '5.1.10',
    text: 'Recipient domain accepts no mail',
    explanation: 'The domain publishes a null MX record (RFC 7505).',
    remedy: 'Correct the address.',
  },
  D954: {
    code: 550,
    enhanced: '5.7.10',
    text: 'Required TLS could not be had',
    explanation:
      'The route or the message requires verified TLS, and the next hop did not offer it until the give-up time.',
    remedy: 'See the attempts in the journal; correct the certificate of the next hop, or the route.',
  },
  D955: {
    code: 550,
    enhanced: '5.6.7',
    text: 'Next hop can not carry this message',
    explanation: 'The message needs SMTPUTF8 or REQUIRETLS, which the next hop does not offer.',
    remedy: 'Use an ASCII address, or another route.',
  },
  D956: {
    code: 550,
    enhanced: '5.0.0',
    text: 'Refused by the next hop',
    explanation: 'The next server refused the message or a recipient for good; its reply is quoted.',
    remedy: 'Read the reply of the next server.',
  },
  D957: {
    code: 554,
    enhanced: '5.4.6',
    text: 'Routing loop detected',
    explanation: 'The next hop is this relay itself.',
    remedy: 'Correct the route: postern route list.',
  },
  E201: {
    code: 550,
    enhanced: '5.7.68',
    text: 'TenantInboundAttribution; Direct Send not allowed for this organization from unauthorized sources',
    verbatim: true,
    explanation:
      'Direct Send is refused here (RejectDirectSend): the envelope sender is one of the own domains, and no connector vouches for the client. SPF, DKIM and DMARC do not exempt from it.',
    remedy:
      'Let the device or service send through the relay, with a source of its own (postern source add); for a service of somebody else, a partner connector with its certificate or addresses, or a return path in its own domain.',
  },
  E202: {
    code: 550,
    enhanced: '5.7.51',
    text: "TenantInboundAttribution; There is a partner connector configured that matched the message's recipient domain. The connector had either the RestrictDomainsToIPAddresses or RestrictDomainsToCertificate set",
    verbatim: true,
    explanation:
      'A partner connector says that mail of this sender domain comes from certain addresses or with a certain certificate only, and this client has neither.',
    remedy:
      'Add the address or the certificate of the client to the connector, give it a connector of its own, or let it send through the relay.',
  },
  E203: {
    code: 550,
    enhanced: '5.7.64',
    text: 'TenantAttribution; Relay Access Denied SMTP',
    verbatim: true,
    explanation:
      'The recipient is in none of the accepted domains, and the client is none of the own servers. A client that leaves its intermediate certificate out is not recognised either.',
    remedy:
      'Check the address; add the domain (postern edge domain add) if it is yours; mail to the outside is sent through the relay, by a source.',
  },
  E204: {
    code: 550,
    enhanced: '5.4.1',
    text: '[{recipient}]: Recipient address rejected: Access denied',
    verbatim: true,
    explanation: 'The domain is authoritative, and this recipient is not among those that it has.',
    remedy:
      'Check the address; add the recipient, or make the domain an internal relay if some of its recipients live elsewhere.',
  },
  E205: {
    code: 550,
    enhanced: '5.7.512',
    text: 'Access denied, message must be RFC 5322 section 3.6.2 compliant',
    verbatim: true,
    explanation:
      'The message has no From field, several, or one in which not exactly one author can be read.',
    remedy: 'The sender has to send exactly one From field with exactly one address.',
  },
  E206: {
    code: 550,
    enhanced: '5.7.509',
    text: 'Access denied, sending domain [{domain}] does not pass DMARC verification and has a DMARC policy of reject.',
    verbatim: true,
    explanation:
      'Neither SPF nor DKIM proves the domain in the From field, and its owner publishes that such mail is to be refused.',
    remedy:
      'The sender has to sign with DKIM for the domain of its From field. For an own device: send through the relay.',
  },
  E207: {
    code: 451,
    enhanced: '4.4.3',
    text: 'Recipient can not be verified now, try again later',
    explanation:
      'Whether the recipient exists could not be found out: the directory or the next hop does not answer.',
    remedy: 'Nothing is lost, the sender tries again. See the health of the directory: postern edge status.',
  },
  E208: {
    code: 452,
    enhanced: '4.5.3',
    text: 'Recipients of another organization: send them in a transaction of their own',
    explanation:
      'One message is judged by the settings of one organization, and its recipients do not all belong to the same.',
    remedy: 'Nothing, if the client sends the rest afterwards, as RFC 5321 section 4.5.3.1.10 asks of it.',
  },
  E209: {
    code: 550,
    enhanced: '5.7.506',
    text: 'Access Denied, Bad HELO',
    verbatim: true,
    explanation:
      'A client from outside calls itself by the name of this host, by an accepted domain, or by a loopback address, as only somebody would who wants to look like one of us.',
    remedy:
      'Let the sender correct the name that its server gives in EHLO. For an own server: make a connector for it, or send through the relay. The check is set by edge.helo.',
  },
  E210: {
    code: 550,
    enhanced: '5.7.1',
    text: 'Service unavailable, Client host [{address}] blocked using {list}. To request removal from this list see {removal}',
    verbatim: true,
    explanation: 'The address of the client is on a DNS blocklist that is used here (edge.blocklist).',
    remedy:
      'The owner of the address asks the list for removal, and ends what it was listed for. For a partner who has to be heard meanwhile: a connector with its certificate or address.',
  },
  E211: {
    code: 451,
    enhanced: '4.4.3',
    text: 'Your host can not be checked now, try again later',
    explanation:
      'A blocklist or the name servers of the client gave no answer, and the client would be refused by what they might have said.',
    remedy:
      'Nothing is lost, the sender tries again. If it lasts: postern edge status names the list; many lists do not answer public resolvers (dns.servers). A list that is not to hold mail up has whenSilent = "pass".',
  },
  E212: {
    code: 550,
    enhanced: '5.7.25',
    text: 'Reverse DNS validation failed for your address',
    explanation:
      'The address of the client has no name in DNS, or none that leads back to the address (edge.reverseDns).',
    remedy: 'The owner of the address sets a PTR record to a name whose A or AAAA record is this address.',
  },
  E213: {
    code: 451,
    enhanced: '4.7.1',
    text: 'Greylisted, try again later',
    explanation:
      'This network has not sent here before. A mail server tries again after some minutes and is then known; much of the software that sends spam does not.',
    remedy:
      'Nothing, the sender tries again by itself. Who has to be let in at once gets a connector; greylisting is set by edge.greylist.',
  },
  E214: {
    code: 451,
    enhanced: '4.7.1',
    text: 'Too much mail from your network, try again later',
    explanation:
      'The network of the client is above the number of messages or recipients of a minute or an hour.',
    remedy:
      'The sender tries again by itself. Raise edge.limits, or make a connector for a partner who sends that much.',
  },
  E215: {
    code: 451,
    enhanced: '4.7.1',
    text: 'Too many unknown recipients from your network, try again later',
    explanation:
      'From the network of the client so many recipients were asked for that do not exist, that it may be trying out which do (directory harvest).',
    remedy:
      'It ends by itself after edge.limits.refuseSeconds. A sender of a mailing list has to remove the addresses that do not exist any more.',
  },
  E220: {
    code: 550,
    enhanced: '5.7.1',
    text: 'Mail from this domain is only taken from its own servers',
    explanation:
      'The message shows one of the own domains, or one that looks like it, to its reader, and neither SPF nor DKIM proves that it comes from there.',
    remedy:
      'For an own device or service: send through the relay, or sign with DKIM for the domain. What happens to such mail is set by ownDomainSpoof and displayNameSpoof (postern edge set).',
  },
  E221: {
    code: 451,
    enhanced: '4.4.3',
    text: 'The sender can not be verified now, try again later',
    explanation:
      'A name server did not answer, and whether the message is refused depends on what it would have said.',
    remedy:
      'Nothing is lost, the sender tries again. If it lasts, look at the name servers of this relay and of the sending domain.',
  },
});

export type RefusalCode = keyof typeof REFUSALS;

export function isRefusalCode(code: string): code is RefusalCode {
  return Object.hasOwn(REFUSALS, code);
}
