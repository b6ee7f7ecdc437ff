/** The mark of the product: the small door in the wall. */
export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg viewBox="0 0 24 24" width={size} height={size} aria-hidden="true" focusable="false">
      <path
        fill="var(--mantine-primary-color-filled)"
        d="M2 4h4v2h2V4h3v2h2V4h3v2h2V4h4v17h-7v-6.5a3 3 0 0 0-6 0V21H2z"
      />
      <circle cx="12" cy="16.5" r="1.1" fill="#e8a33d" />
    </svg>
  );
}
