/** What kinds of cipher suite a client can: enough to tell which profile it needs, and short enough for every connection. */
export function cipherFamilies(suites: readonly string[]): string[] {
  const found = new Set<string>();
  for (const name of suites) {
    // RFC 8446 §B.4: suites of TLS 1.3 name no key exchange
    if (/^TLS_(AES|CHACHA20)_/.test(name)) found.add('TLS 1.3');
    else if (name.startsWith('TLS_ECDHE_')) found.add('ECDHE');
    else if (name.startsWith('TLS_DHE_')) found.add('DHE');
    else if (name.startsWith('TLS_RSA_')) found.add('RSA key exchange');
    if (name.includes('3DES')) found.add('3DES');
    if (name.includes('_RC4_')) found.add('RC4');
  }
  return [...found].sort();
}
