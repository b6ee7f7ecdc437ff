interface TrustedTypes {
  createPolicy(name: string, rules: { createHTML(text: string): string | null }): unknown;
}

/**
 * The relay's Content-Security-Policy lets no text become HTML or script. The one exception is here: the text of style
 * elements, which React sets as HTML. Without `<` it can make no element; anything else is refused by the browser.
 */
export function onlyStyleText(): void {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  // what keeps the page from scrolling behind a dialogue makes a style element of its own, and asks here for its nonce
  Object.assign(globalThis, { __webpack_nonce__: styleNonce() });
  trustedTypes?.createPolicy('default', { createHTML: (text) => (text.includes('<') ? null : text) });
}

/** What styles made while running are marked with, so that the policy lets them in. */
export function styleNonce(): string {
  // browsers hide it from the attribute, and keep it in the property
  return document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? '';
}
