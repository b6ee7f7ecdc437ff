import { useMemo } from 'react';
import { qrCode } from './qr-code.ts';

const QUIET = 4;

/** A text as a QR code; always dark on white, as readers want it. */
export function QrImage({ text, label, size = 200 }: { text: string; label: string; size?: number }) {
  const { path, width } = useMemo(() => {
    const grid = qrCode(text);
    const dark = grid.flatMap((row, y) =>
      row.flatMap((one, x) => (one ? [`M${x + QUIET} ${y + QUIET}h1v1h-1z`] : [])),
    );
    return { path: dark.join(''), width: grid.length + 2 * QUIET };
  }, [text]);
  return (
    <svg
      role="img"
      aria-label={label}
      width={size}
      height={size}
      viewBox={`0 0 ${width} ${width}`}
      shapeRendering="crispEdges"
    >
      <rect width={width} height={width} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
