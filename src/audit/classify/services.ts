import { isWithin } from '../../edge/connector.ts';

/** What a known service does; one that may be either is what it usually is. */
export type ServiceKind =
  | 'mail-service'
  | 'reinjection'
  | 'awareness'
  | 'gateway'
  | 'mailbox-provider'
  | 'cloud'
  | 'microsoft';

export interface Service {
  name: string;
  kind: ServiceKind;
  /** Suffixes of HELO and PTR names. */
  hosts: readonly string[];
  /** Domains of its own return paths, DKIM signatures. */
  domains: readonly string[];
}

function service(kind: ServiceKind, name: string, hosts: string, domains = hosts): Service {
  return { name, kind, hosts: hosts.split(' '), domains: domains.split(' ') };
}

/** Services by the names that their servers, return paths and signatures bear. */
export const SERVICES: readonly Service[] = [
  service('mail-service', 'Amazon SES', 'amazonses.com smtp-out.amazonses.com'),
  service('mail-service', 'SendGrid', 'sendgrid.net sendgrid.com sendgrid.info'),
  service('mail-service', 'Mailgun', 'mailgun.net mailgun.org mailgun.us mailgun.info mailgun.co'),
  service('mail-service', 'Postmark', 'mtasv.net postmarkapp.com'),
  service('mail-service', 'Mailchimp', 'mcsv.net mailchimp.com rsgsv.net mcdlv.net mailchimpapp.net'),
  service('mail-service', 'Mandrill', 'mandrillapp.com'),
  service('mail-service', 'Brevo', 'sendinblue.com brevo.com sender-sib.com mailin.fr'),
  service('mail-service', 'Mailjet', 'mailjet.com mjt.lu'),
  service('mail-service', 'SparkPost', 'sparkpostmail.com sparkpost.com e.sparkpost.com'),
  service('mail-service', 'SMTP2GO', 'smtp2go.com smtpcorp.com smtpservice.net'),
  service('mail-service', 'SocketLabs', 'socketlabs.com email-od.com smtp-relay.socketlabs.com'),
  service('mail-service', 'Elastic Email', 'elasticemail.com elasticemail.net'),
  service('mail-service', 'Campaign Monitor', 'createsend.com cmail19.com cmail20.com createsend1.com'),
  service('mail-service', 'Constant Contact', 'constantcontact.com ctctmail.com in.constantcontact.com'),
  service('mail-service', 'HubSpot', 'hubspotemail.net hubspot.com hs-send.com hubspotfree.net'),
  service('mail-service', 'Marketo', 'mktomail.com mktdns.com marketo.com'),
  service('mail-service', 'Eloqua', 'eloqua.com en25.com'),
  service('mail-service', 'Pardot', 'pardot.com et.pardot.com'),
  service('mail-service', 'Salesforce Marketing Cloud', 'exacttarget.com s10.exacttarget.com'),
  service('mail-service', 'Salesforce', 'salesforce.com mta.salesforce.com salesforce-email.com'),
  service('mail-service', 'Zendesk', 'zendesk.com zdsys.com'),
  service('mail-service', 'Freshdesk', 'freshdesk.com freshemail.io fwdmail.io freshworks.com'),
  service('mail-service', 'Intercom', 'intercom-mail.com intercom.io intercommail.com'),
  service('mail-service', 'Atlassian', 'atlassian.net atlassian.com atl-paas.net'),
  service('mail-service', 'ServiceNow', 'service-now.com servicenow.com'),
  service('mail-service', 'Workday', 'myworkday.com workday.com'),
  service('mail-service', 'SAP SuccessFactors', 'successfactors.com successfactors.eu sapsf.com'),
  service('mail-service', 'SAP Concur', 'concursolutions.com concur.com'),
  service('mail-service', 'Oracle NetSuite', 'netsuite.com'),
  service('mail-service', 'DocuSign', 'docusign.net docusign.com'),
  service('mail-service', 'Adobe Sign', 'adobesign.com echosign.com'),
  service('mail-service', 'ADP', 'adp.com'),
  service('mail-service', 'BambooHR', 'bamboohr.com'),
  service('mail-service', 'Cognito Forms', 'cognitoforms.com'),
  service('mail-service', 'Jotform', 'jotform.com'),
  service('mail-service', 'Typeform', 'typeform.com'),
  service('mail-service', 'CIMcloud', 'cimcloud.com websitepipeline.com'),
  service('mail-service', 'Shopify', 'shopify.com shopifyemail.com'),
  service('mail-service', 'Klaviyo', 'klaviyomail.com klaviyo.com'),
  service('mail-service', 'Zoho', 'zoho.com zohocrm.com zcsend.net zoho.eu transmail.net'),
  service('mail-service', 'PagerDuty', 'pagerduty.com'),
  service('mail-service', 'Datadog', 'datadoghq.com dtdg.co'),
  service('mail-service', 'Qualtrics', 'qualtrics.com qualtrics-email.com'),
  service('mail-service', 'SurveyMonkey', 'surveymonkey.com outbound.surveymonkey.com'),
  service('mail-service', 'Blackbaud', 'blackbaud.com blackbaudhosting.com convio.net'),
  service('mail-service', 'PowerSchool', 'powerschool.com'),
  service('reinjection', 'CodeTwo', 'codetwo.com codetwo.online'),
  service('reinjection', 'Exclaimer', 'exclaimer.net exclaimer.com'),
  service('reinjection', 'SEPPmail', 'seppmail.ch seppmail.cloud seppmail.com'),
  service('reinjection', 'Crossware', 'crossware.co.nz crossware365.com'),
  service('reinjection', 'Letsignit', 'letsignit.com'),
  service('reinjection', 'Virtru', 'virtru.com virtrugateway.com'),
  service('reinjection', 'Zix', 'zixmail.net zixcorp.com zixworks.com'),
  service('reinjection', 'Echoworx', 'echoworx.com echoworx.net'),
  service('reinjection', 'Hornetsecurity 365', 'signature.hornetsecurity.com'),
  service('awareness', 'KnowBe4', 'knowbe4.com psm.knowbe4.com'),
  service('awareness', 'Proofpoint ThreatSim', 'threatsim.com securityeducation.com wombatsecurity.com'),
  service('awareness', 'Cofense PhishMe', 'phishme.com cofense.com'),
  service('awareness', 'Hoxhunt', 'hoxhunt.com'),
  service('awareness', 'SoSafe', 'sosafe.de sosafe-awareness.com'),
  service('awareness', 'Terranova', 'terranovasite.com terranovasecurity.com'),
  service('awareness', 'usecure', 'usecure.io getusecure.com'),
  service('awareness', 'Infosec IQ', 'infosecinstitute.com securityiq.com'),
  service('gateway', 'Proofpoint', 'pphosted.com ppops.net ppe-hosted.com'),
  service('gateway', 'Mimecast', 'mimecast.com mimecast-offshore.com'),
  service('gateway', 'Barracuda', 'barracudanetworks.com ess.barracuda.com cudamail.com'),
  service('gateway', 'Cisco Secure Email', 'iphmx.com'),
  service('gateway', 'Trend Micro', 'trendmicro.com trendmicro.eu in.tmes.trendmicro.com'),
  service('gateway', 'Sophos', 'sophos.com hydra.sophos.com'),
  service('gateway', 'Forcepoint', 'mailcontrol.com forcepoint.com'),
  service('gateway', 'Hornetsecurity', 'hornetsecurity.com antispameurope.com'),
  service('gateway', 'Securence', 'securence.com'),
  service('gateway', 'FortiMail Cloud', 'fortimailcloud.com fortimail.com'),
  service(
    'mailbox-provider',
    'Google',
    'google.com googlemail.com gmail.com',
    'google.com gmail.com gappssmtp.com',
  ),
  service('mailbox-provider', 'Yahoo', 'yahoo.com yahoodns.net'),
  service('mailbox-provider', 'Apple iCloud', 'icloud.com me.com'),
  service('mailbox-provider', 'Proton', 'proton.ch protonmail.ch'),
  service('mailbox-provider', 'Fastmail', 'messagingengine.com fastmail.com'),
  service('mailbox-provider', 'GMX', 'gmx.net gmx.com'),
  service('mailbox-provider', 'OVH', 'ovh.net'),
  service('cloud', 'Azure', 'azurecomm.net cloudapp.azure.com cloudapp.net azurewebsites.net'),
  service('microsoft', 'Exchange Online', 'outlook.com protection.outlook.com onmicrosoft.com office365.com'),
];

/** The service whose host this is, by the longest suffix. @param host HELO or PTR name */
export function serviceOfHost(host: string | undefined): Service | undefined {
  return find(host, ({ hosts }) => hosts);
}

/** The service that a return path or a signature names. */
export function serviceOfDomain(domain: string | undefined): Service | undefined {
  return find(domain, ({ domains }) => domains);
}

function find(name: string | undefined, of: (service: Service) => readonly string[]): Service | undefined {
  if (!name) return undefined;
  const lower = name.toLowerCase().replace(/\.$/, '');
  let best: Service | undefined;
  let length = 0;
  for (const candidate of SERVICES) {
    for (const suffix of of(candidate)) {
      if (suffix.length > length && isWithin(lower, suffix)) [best, length] = [candidate, suffix.length];
    }
  }
  return best;
}
