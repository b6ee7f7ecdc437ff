/** Clients as people have them, each sending one message in the way that it is told. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createTransport } from 'nodemailer';
import { needs, needsPerlModule, succeed } from './programs.ts';
import type { Sample } from './sample.ts';

export type Security = 'none' | 'starttls' | 'implicit';

export interface Job {
  port: number;
  tls: Security;
  /** Absent: the client chooses from what is offered. */
  mechanism?: string;
  account: string;
  password: string;
  message: Sample;
  /** PEM file of the server's certificate, which the client trusts. */
  ca: string;
  /** Where files may be put. */
  folder: string;
}

export interface Client {
  name: string;
  mechanisms: string[];
  /** @throws when the program, or a part of it, is missing. */
  prepare(): void;
  /** @throws when the message was not accepted. */
  send(job: Job): Promise<void>;
}

const PASSWORD_MECHANISMS = ['PLAIN', 'LOGIN', 'CRAM-MD5'];

const swaks: Client = {
  name: 'swaks',
  mechanisms: PASSWORD_MECHANISMS,
  prepare() {
    needs('/usr/bin/swaks', 'swaks');
    needsPerlModule('Net::SSLeay', 'libnet-ssleay-perl');
    needsPerlModule('Authen::SASL', 'libauthen-sasl-perl');
    needsPerlModule('Digest::HMAC_MD5', 'libdigest-hmac-perl');
  },
  async send({ port, tls, mechanism, account, password, message, ca }) {
    const security = { none: [], starttls: ['--tls'], implicit: ['--tls-on-connect'] }[tls];
    const trust = tls === 'none' ? [] : ['--tls-verify', '--tls-ca-path', ca];
    const login = [
      '--auth',
      ...(mechanism ? [mechanism] : []),
      '--auth-user',
      account,
      '--auth-password',
      password,
    ];
    const envelope = ['--from', message.from, '--to', message.to, '--data', '-'];
    const server = ['--server', '127.0.0.1', '--port', String(port), '--helo', 'client.test'];
    const args = [...server, ...security, ...trust, ...login, ...envelope];
    // it puts a CRLF before the final dot, whether or not there is one
    await succeed('/usr/bin/swaks', args, message.whole.subarray(0, -2));
  },
};

const curl: Client = {
  name: 'curl',
  mechanisms: PASSWORD_MECHANISMS,
  prepare: () => void needs('/usr/bin/curl', 'curl'),
  async send({ port, tls, mechanism, account, password, message, ca, folder }) {
    const file = path.join(folder, `curl-${tls}-${mechanism ?? 'any'}.eml`);
    await writeFile(file, message.whole);
    const general = ['--silent', '--show-error', '--max-time', '30', '--cacert', ca];
    const login = [
      '--user',
      `${account}:${password}`,
      ...(mechanism ? ['--login-options', `AUTH=${mechanism}`] : []),
    ];
    const mail = ['--mail-from', message.from, '--mail-rcpt', message.to, '--upload-file', file];
    const security = tls === 'starttls' ? ['--ssl-reqd'] : [];
    const address = `${tls === 'implicit' ? 'smtps' : 'smtp'}://127.0.0.1:${port}/client.test`;
    await succeed('/usr/bin/curl', [...general, ...security, ...login, ...mail, address]);
    await rm(file);
  },
};

const smtplib: Client = {
  name: "Python's smtplib",
  mechanisms: PASSWORD_MECHANISMS,
  prepare: () => void needs('/usr/bin/python3', 'python3'),
  async send({ port, tls, mechanism, account, password, ca, message }) {
    const { from, to, whole } = message;
    const job = { port, tls, mechanism, account, password, ca, from, to, message: whole.toString('base64') };
    const script = path.join(import.meta.dirname, 'smtplib-client.py');
    await succeed('/usr/bin/python3', [script], JSON.stringify(job));
  },
};

const nodemailer: Client = {
  name: 'nodemailer',
  mechanisms: PASSWORD_MECHANISMS,
  prepare: () => {},
  async send({ port, tls, mechanism, account, password, message, ca }) {
    const transport = createTransport({
      host: '127.0.0.1',
      port,
      secure: tls === 'implicit',
      requireTLS: tls === 'starttls',
      ignoreTLS: tls === 'none',
      name: 'client.test',
      authMethod: mechanism,
      auth: { user: account, pass: password },
      tls: { ca: await readFile(ca, 'utf8') },
    });
    try {
      await transport.sendMail({ envelope: { from: message.from, to: message.to }, raw: message.whole });
    } finally {
      transport.close();
    }
  },
};

export const CLIENTS: Client[] = [swaks, curl, smtplib, nodemailer];
