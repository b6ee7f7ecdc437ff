import { useFormat } from '../app/format.ts';

/** A number of octets, the exact one in its title. */
export function Bytes({ octets }: { octets: number }) {
  const format = useFormat();
  return (
    <span title={format.number(octets)} style={{ whiteSpace: 'nowrap' }}>
      {format.bytes(octets)}
    </span>
  );
}
